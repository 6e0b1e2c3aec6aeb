package searchtest

import (
	"net/url"
	"slices"
	"strings"

	"bima/fhir"
)

// Escaped gives the question's query as a URL has it.
func (q Question) Escaped() string {
	var out []string
	for part := range strings.SplitSeq(q.Query, "&") {
		key, value, _ := strings.Cut(part, "=")
		if text, err := url.PathUnescape(value); err == nil {
			value = text
		}
		out = append(out, url.QueryEscape(key)+"="+url.QueryEscape(value))
	}
	return strings.Join(out, "&")
}

// A Resource of the World, parsed.
type Resource struct {
	fhir.Key
	Node fhir.Node
	Body []byte
}

// Resources parses the World.
func Resources() ([]Resource, error) {
	var out []Resource
	for _, body := range World {
		doc, err := fhir.Parse([]byte(body))
		if err != nil {
			return nil, err
		}
		n := doc.Root()
		key := fhir.Key{Type: n.Get("resourceType").Text(), ID: n.Get("id").Text()}
		out = append(out, Resource{key, n, []byte(body)})
	}
	return out, nil
}

// Found joins ids as Question.Want does.
func Found(ids []string) string {
	slices.Sort(ids)
	return strings.Join(ids, " ")
}
