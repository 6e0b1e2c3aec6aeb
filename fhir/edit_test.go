package fhir

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestEditsLeaveTheOtherBytesAsTheyWere(t *testing.T) {
	const url = "http://example.org/x"
	cases := []struct {
		name, src string
		edit      func(*Edit, Node)
		want      string
	}{
		{"nothing changed is the same text", `{"a": 1.50}`, func(*Edit, Node) {}, `{"a": 1.50}`},
		{"a member is replaced", `{"a": 1.50, "b":2}`, func(e *Edit, n Node) { e.Set(n, "a", []byte("3")) }, `{"a": 3, "b":2}`},
		{"a member is added at the end", `{"a":1}`, func(e *Edit, n Node) { e.Set(n, "b", []byte(`"x"`)) }, `{"a":1,"b":"x"}`},
		{"two members are added to an empty object", `{}`, func(e *Edit, n Node) {
			e.Set(n, "a", []byte("1"))
			e.Set(n, "b", []byte("2"))
		}, `{"a":1,"b":2}`},
		{"an element is added to an empty array", `{"l":[ ]}`, func(e *Edit, n Node) { e.Append(n.Get("l"), []byte("1")) }, `{"l":[ 1]}`},
		{"an element is added to an array", `{"l":[1]}`, func(e *Edit, n Node) { e.Append(n.Get("l"), []byte("2")) }, `{"l":[1,2]}`},
		{
			"an extension changes its value", `{"extension":[{"url":"http://example.org/x","valueCode":"a"}],"z":0}`,
			func(e *Edit, n Node) { e.SetExtension(n, url, "valueCode", []byte(`"b"`)) },
			`{"extension":[{"url":"http://example.org/x","valueCode":"b"}],"z":0}`,
		},
		{
			"an extension joins others", `{"extension":[{"url":"u"}]}`,
			func(e *Edit, n Node) { e.SetExtension(n, url, "valueCode", []byte(`"b"`)) },
			`{"extension":[{"url":"u"},{"url":"http://example.org/x","valueCode":"b"}]}`,
		},
		{
			"two extensions share the array that the first makes", `{"a":1}`,
			func(e *Edit, n Node) {
				e.SetExtension(n, url, "valueCode", []byte(`"b"`))
				e.Set(n, "a", []byte("2"))
				e.SetExtension(n, "u", "valueCode", []byte(`"c"`))
			},
			`{"a":2,"extension":[{"url":"http://example.org/x","valueCode":"b"},{"url":"u","valueCode":"c"}]}`,
		},
		{
			"many elements are added to empty arrays, one of them in between", `{"l":[],"m":[]}`,
			func(e *Edit, n Node) {
				for range 2 * fewSplices {
					e.Append(n.Get("l"), []byte("1"))
				}
				e.Append(n.Get("m"), []byte("2"))
				e.Append(n.Get("l"), []byte("1"))
				e.Append(n.Get("m"), []byte("2"))
			},
			`{"l":[` + strings.Repeat("1,", 2*fewSplices) + `1],"m":[2,2]}`,
		},
		{
			"the first extension makes the array", `{}`,
			func(e *Edit, n Node) { e.SetExtension(n, url, "valueCode", []byte(`"b"`)) },
			`{"extension":[{"url":"http://example.org/x","valueCode":"b"}]}`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			doc, err := Parse([]byte(c.src))
			if err != nil {
				t.Fatal(err)
			}
			e := NewEdit(doc)
			c.edit(e, doc.Root())
			got := string(e.Bytes())
			if got != c.want || !json.Valid([]byte(got)) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestElementsAreFoundByTheirSystemOrURL(t *testing.T) {
	doc, err := Parse([]byte(`{"extension":[{"url":"u","valueCode":"v"}],
		"identifier":[{"system":"s","value":"1"},{"system":"t","value":"2"}],
		"type":{"coding":[{"system":"a","code":"x"},{"system":"b","code":"y"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	n := doc.Root()
	if got := n.Extension("u").Get("valueCode").Text(); got != "v" {
		t.Errorf("the extension is %q", got)
	}
	if n.Extension("w").Exists() {
		t.Error("there is no extension w")
	}
	if got := n.Identifier("t"); got != "2" {
		t.Errorf("the identifier is %q", got)
	}
	if got := n.Get("type").Code("b"); got != "y" {
		t.Errorf("the code is %q", got)
	}
	if got := n.Get("type").Code("c"); got != "" {
		t.Errorf("the code of no system is %q", got)
	}
}
