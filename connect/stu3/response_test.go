package stu3

import (
	"encoding/json"
	"strings"
	"testing"

	"bima/fhir"
)

func node(t *testing.T, text string) fhir.Node {
	t.Helper()
	doc, err := fhir.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

// The states that no claim of the demo scheme comes to at once.
func TestAnswersOfStatesThatTakeTime(t *testing.T) {
	const claim = `{"resourceType":"Claim","id":"1","status":"active","item":[{"sequence":1,"quantity":{"value":3},"unitPrice":{"value":10}}]}`
	const granted = `"item":[{"itemSequence":1,"adjudication":[
		{"category":{"coding":[{"code":"approved-quantity"}]},"value":3},{"category":{"coding":[{"code":"eligible"}]},"amount":{"value":10,"currency":"TZS"}}]}]`
	for _, c := range []struct {
		name, claim, response string
		want                  []string
	}{
		{
			"a relative price that waits for the payment run is processed", claim,
			`{"outcome":"partial","created":"2026-03-10T08:00:00Z",` + granted + `}`,
			[]string{`"text":"processed"`, `"code":"8"`, `"date":"2026-03-10"`, `"value":3`, `"amount":{"value":3.33}`},
		},
		{
			"what is paid has the day of payment", claim,
			`{"outcome":"complete","created":"2026-03-10T08:00:00Z","payment":{"date":"2026-04-02","amount":{"value":10,"currency":"TZS"}},` + granted + `}`,
			[]string{`"text":"valuated"`, `"date":"2026-04-02"`, `"amount":{"value":10}`},
		},
		{
			"what is withdrawn is entered, whatever was decided", strings.Replace(claim, "active", "cancelled", 1),
			`{"outcome":"complete","created":"2026-03-10T08:00:00Z",` + granted + `}`,
			[]string{`"status":"cancelled"`, `"text":"entered"`, `"code":"2"`},
		},
		{
			"what nobody decided is entered, with its lines", claim, `null`,
			[]string{`"text":"entered"`, `"noteNumber":[1]`, `"text":"-"`, `"reason":{"text":"passed"}`, `"value":3`, `"amount":{"value":10}`},
		},
		{
			"a line of a rejected claim without decision is rejected", claim,
			`{"outcome":"error","created":"2026-03-10T08:00:00Z","error":[{"code":{"coding":[{"code":"not-found"}],"text":"no such place"}}]}`,
			[]string{`"text":"rejected"`, `"code":"not-found"`, `"reason":{"text":"rejected"}`, `"value":0`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			response := node(t, c.response)
			if response.Kind() == fhir.KindNull {
				response = fhir.Node{}
			}
			text, err := json.Marshal(claimResponse("1", node(t, c.claim), response))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(text), want) {
					t.Errorf("no %s in %s", want, text)
				}
			}
			if strings.Contains(c.name, "entered") && strings.Contains(string(text), `"date"`) {
				t.Errorf("it was decided on no day: %s", text)
			}
		})
	}
}

func TestElementsThatBringNumbersKeepThem(t *testing.T) {
	for _, c := range []struct {
		name     string
		has, got []int
	}{
		{"none has one", []int{0, 0, 0}, []int{1, 2, 3}},
		{"the last have", []int{0, 0, 3, 4}, []int{1, 2, 3, 4}},
		{"a position is taken", []int{0, 1, 0}, []int{2, 1, 3}},
		{"two have the same", []int{5, 5, 0}, []int{5, 2, 3}},
	} {
		got := numbered(len(c.has), func(i int) int { return c.has[i] })
		for i := range got {
			if got[i] != c.got[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.got)
				break
			}
		}
	}
}

// Of several memberships the one that holds on the day of treatment is named.
func TestTheMembershipOfTheDayIsNamed(t *testing.T) {
	coverage := func(id, status, start, end string) fhir.Node {
		return node(t, `{"resourceType":"Coverage","id":"`+id+`","status":"`+status+`","period":{"start":"`+start+`","end":"`+end+`"}}`)
	}
	w := parties{coverages: []fhir.Node{
		coverage("old", "active", "2025-01-01", "2025-12-31"), coverage("now", "active", "2026-01-01", "2026-12-31"), coverage("left", "cancelled", "2026-01-01", "2027-12-31"),
	}}
	for day, want := range map[string]string{"2025-12-31T23:00:00Z": "old", "2026-01-01": "now", "2026-12-31": "now", "2027-01-01": "now", "": "now"} {
		if got := w.coverage(&period{Start: day}).Get("id").Text(); got != want {
			t.Errorf("on %q: %s, want %s", day, got, want)
		}
	}
	if (&parties{}).coverage(nil).Exists() {
		t.Error("a membership of nobody")
	}
}

func TestAmountsLoseTheTailsOfBinaryNumbers(t *testing.T) {
	for value, want := range map[json.Number]json.Number{
		"12.55": "12.55", "12.5500": "12.5500", "12.550000190734863": "12.55", "0.10000000149011612": "0.1", "99999.9921875": "99999.99",
		"99.99000000000001": "99.99", "0.30000000000000004": "0.3", "1.23456": "1.2346", "3000.0000000001": "3000", "-0.10000000149011612": "-0.1", "7": "7", "x": "x",
	} {
		if got := short(value); got != want {
			t.Errorf("%s is %s, want %s", value, got, want)
		}
	}
}
