package subscription

import (
	"bytes"

	"bima/fhir"
	"bima/profiles"
)

// marked reads what a caller sent, without the mark of a Subscription that this
// server has turned off, unless it is one: a caller who turns his off, or wants it
// again, does not want what changes meanwhile.
func marked(c fhir.Change) (*fhir.Document, error) {
	if c.Before != nil {
		old, err := fhir.Parse(c.Before.Body)
		if err != nil {
			return nil, err
		}
		if isParked(old.Root()) && c.Node.Get("status").Text() == "off" {
			return fhir.Parse(c.After.Body)
		}
	}
	return unparked(c.After.Body)
}

// isParked reports whether this server has turned a Subscription off.
func isParked(n fhir.Node) bool {
	return n.Get("status").Text() == "off" && n.Extension(profiles.ExtensionSubscriptionParked).Exists()
}

// unparked reads a Subscription without the mark.
func unparked(body []byte) (*fhir.Document, error) {
	doc, err := fhir.Parse(body)
	if err != nil || !doc.Root().Extension(profiles.ExtensionSubscriptionParked).Exists() {
		return doc, err
	}
	var others [][]byte
	for e := range doc.Root().Get("extension").Each() {
		if e.Get("url").Text() != profiles.ExtensionSubscriptionParked {
			others = append(others, e.Raw())
		}
	}
	var out bytes.Buffer
	for m := range doc.Root().All() {
		value := m.Raw()
		if m.Name() == "extension" {
			if len(others) == 0 {
				continue
			}
			value = append(append([]byte{'['}, bytes.Join(others, []byte{','})...), ']')
		}
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		out.Write(quoted(m.Name()))
		out.WriteByte(':')
		out.Write(value)
	}
	return fhir.Parse(append(append([]byte{'{'}, out.Bytes()...), '}'))
}
