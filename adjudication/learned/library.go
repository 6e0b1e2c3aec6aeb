package learned

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"bima/fhir"
	"bima/profiles"
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

// Library writes a model as a draft, with the report beside it, for people and for programs. The same model
// has the same id.
func (l *Lesson) Library(now time.Time) (*fhir.Resource, error) {
	text, err := json.Marshal(l.Model)
	if err != nil {
		return nil, err
	}
	report, err := l.JSON()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	id := "claim-model-" + hex.EncodeToString(sum[:idBytes])
	attached := func(contentType, title string, data []byte) map[string]any {
		return map[string]any{"contentType": contentType, "title": title, "data": base64.StdEncoding.EncodeToString(data)}
	}
	coded := func(system, code string) map[string]any {
		return map[string]any{"coding": []any{map[string]any{"system": system, "code": code}}}
	}
	body, err := json.Marshal(map[string]any{
		"resourceType": "Library", "id": id, "meta": map[string]any{"profile": []string{profiles.ProfileClaimModel}},
		"url": profiles.Canonical + "/Library/" + id, "name": "ClaimModel", "title": "Learned model for claims", "status": "draft",
		"type": coded("http://terminology.hl7.org/CodeSystem/library-type", "model-definition"),
		"date": now.UTC().Format(time.RFC3339),
		"description": fmt.Sprintf("Learned from %d reviewed claims (%s to %s); AUC %.3f on the %d reviewed after them.",
			l.Model.Trained.Claims, l.Model.Trained.From, l.Model.Trained.To, l.Test.AUC, l.Test.Claims),
		"topic":   []any{coded(profiles.SystemLearnedModel, "claim-review")},
		"content": []any{attached(ContentType, "The model", text), attached("text/markdown", "The report", []byte(l.Markdown())), attached(ReportContentType, "The report, for programs", report)},
	})
	return &fhir.Resource{Key: fhir.Key{Type: "Library", ID: id}, Body: body}, err
}

// idBytes is how much of its digest names a model.
const idBytes = 8
