package learned

import (
	"encoding/base64"
	"strconv"

	"bima/fhir"
)

// ContentType marks the attachment of a Library that is a model. Other Libraries,
// of whatever type, are none of ours.
const ContentType = "application/vnd.bima.claim-model+json"

// IsModel reports whether a Library holds a model.
func IsModel(library fhir.Node) bool { return content(library).Exists() }

// content gives the attachment with the model.
func content(library fhir.Node) fhir.Node {
	for c := range library.Get("content").Each() {
		if c.Get("contentType").Text() == ContentType {
			return c
		}
	}
	return fhir.Node{}
}

// FromLibrary reads the model of a Library, nil where it holds none. What is no
// model is an Outcome of IssueBusinessRule that names the fault.
func FromLibrary(library fhir.Node) (*Model, error) {
	i := 0
	for c := range library.Get("content").Each() {
		at := "Library.content[" + strconv.Itoa(i) + "].data"
		i++
		if c.Get("contentType").Text() != ContentType {
			continue
		}
		text, err := base64.StdEncoding.DecodeString(c.Get("data").Text())
		if err != nil {
			return nil, fhir.Errorf(fhir.IssueBusinessRule, at, "the model is not in base64; store it as bima learn writes it")
		}
		m, err := ReadModel(text)
		if err != nil {
			return nil, fhir.Errorf(fhir.IssueBusinessRule, at, "the model can't be used: %v; store it as bima learn writes it", err)
		}
		return m, nil
	}
	return nil, nil
}
