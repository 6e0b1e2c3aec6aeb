package dialect_test

import (
	"testing"

	"bima/connect/dialect"
	"bima/fhir"
)

func TestTreesKeepWhatTheyAre(t *testing.T) {
	const text = `{"resourceType":"Claim","id":"x","a":[1.50,{"b":null}],"n":1e2,"s":"a & b <c> \\u0026","t":true}`
	doc, err := fhir.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(dialect.Write(dialect.Of(doc.Root()))); got != text {
		t.Errorf("got  %s\nwant %s", got, text)
	}
}

func TestClean(t *testing.T) {
	for name, c := range map[string]struct{ sent, want string }{
		"null and nothing are left out": {`{"a":null,"b":"","c":[],"d":{},"e":[null,""],"f":0,"g":false}`, `{"f":0,"g":false}`},
		"what then is nothing, too":     {`{"a":[{"b":null}],"c":{"d":{"e":[]}},"f":" "}`, `null`},
		"extensions that say nothing":   {`{"extension":[null,{"url":"u"},{"url":"v","valueCode":"x"}]}`, `{"extension":[{"url":"v","valueCode":"x"}]}`},
		"an attachment of a url alone":  {`{"valueAttachment":{"url":"https://x"}}`, `{"valueAttachment":{"url":"https://x"}}`},
		"extensions within extensions":  {`{"extension":[{"url":"u","extension":[{"url":"v"}]}],"a":1}`, `{"a":1}`},
	} {
		doc, err := fhir.Parse([]byte(c.sent))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(dialect.Write(dialect.Clean(dialect.Of(doc.Root())))); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestTarget(t *testing.T) {
	for text, want := range map[string]string{
		"Patient/x": "Patient/x", "https://payer.example/v1/Patient/CR-1": "Patient/CR-1",
		"https://payer.example/Patient/x/": "Patient/x", "Patient": "", "urn:uuid:1": "", "": "", "Nothing/x": "",
	} {
		got := ""
		if key := dialect.Target(text); !key.IsZero() {
			got = key.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
