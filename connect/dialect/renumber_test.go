package dialect_test

import (
	"testing"

	"bima/connect/dialect"
)

func TestRenumber(t *testing.T) {
	for in, want := range map[string]string{
		`{"resourceType":"Claim","supportingInfo":[{"sequence":7},{"sequence":3},{"text":"x"},{"sequence":3}],"item":[{"informationSequence":[3,7,9]},{"informationSequence":[9]},{}]}`: `{"resourceType":"Claim","item":[{"informationSequence":[2,1]},{},{}],"supportingInfo":[{"sequence":1},{"sequence":2},{"sequence":3,"text":"x"},{"sequence":4}]}`,
		`{"resourceType":"Claim","item":[{"informationSequence":[1]}]}`: `{"resourceType":"Claim","item":[{}]}`,
		`{"resourceType":"Claim","supportingInfo":[{"sequence":1}]}`:    `{"resourceType":"Claim","supportingInfo":[{"sequence":1}]}`,
	} {
		o, err := dialect.Parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		dialect.Renumber(o, "supportingInfo", "informationSequence")
		if got := string(dialect.Write(o)); got != want {
			t.Errorf("%s becomes\n%s, want\n%s", in, got, want)
		}
	}
}
