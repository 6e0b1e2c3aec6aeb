package claim

import (
	"context"
	"encoding/json"
	"fmt"

	"bima/fhir"
	"bima/profiles"
)

// cancel is Claim/[id]/$cancel. Source: IHE FAIS ITI-127.
func (f *desk) cancel(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	asked, err := parametersIn(in)
	if err != nil {
		return nil, err
	}
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		n, err := stored(tx, on)
		if err != nil {
			return err
		}
		switch status := n.Get("status").Text(); status {
		case "cancelled":
			return nil
		case "entered-in-error":
			return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, "Claim.status", "%s was entered in error; there is nothing to cancel", on)
		}
		e := fhir.NewEdit(n.Document())
		e.Set(n, "status", []byte(`"cancelled"`))
		if why := asked.reason(); len(why) > 0 {
			e.SetExtension(n, profiles.ExtensionCancelReason, "valueCodeableConcept", why)
		}
		_, err = tx.Update(&fhir.Resource{Key: on, Body: e.Bytes()}, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answered(ctx, s, on)
}

// stored gives the tree of a claim that is there; a refusal where it is not.
func stored(r fhir.Reader, k fhir.Key) (fhir.Node, error) {
	resource, err := r.Read(k)
	if err != nil {
		return fhir.Node{}, err
	}
	if resource.Deleted {
		return fhir.Node{}, fhir.Errorf(fhir.IssueDeleted, "", "%s was deleted", k)
	}
	doc, err := fhir.Parse(resource.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// answered gives the ClaimResponse of a claim, or an outcome that says that there
// is none, as of a draft.
func answered(ctx context.Context, s fhir.Server, claim fhir.Key) (*fhir.Response, error) {
	var response *fhir.Resource
	err := s.View(ctx, func(r fhir.Reader) (err error) {
		response, err = r.Read(responseKey(claim))
		return err
	})
	if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && response.Deleted {
		body, err := json.Marshal(outcomeJSON{"OperationOutcome", []issueJSON{{"information", "informational", claim.String() + " was never decided, so there is no ClaimResponse."}}})
		return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "OperationOutcome"}, Body: body}}, err
	}
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: response}, nil
}

type (
	outcomeJSON struct {
		ResourceType string      `json:"resourceType"`
		Issue        []issueJSON `json:"issue"`
	}
	issueJSON struct {
		Severity    string `json:"severity"`
		Code        string `json:"code"`
		Diagnostics string `json:"diagnostics"`
	}
)

// A request is the Parameters of an operation; absent where none were sent.
type request struct{ fhir.Node }

// parametersIn reads the Parameters of an operation that needs none.
func parametersIn(in *fhir.Resource) (request, error) {
	if in == nil || len(in.Body) == 0 {
		return request{}, nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return request{}, err
	}
	if typ := doc.Root().Get("resourceType").Text(); typ != "Parameters" {
		return request{}, fhir.Errorf(fhir.IssueInvalid, "", "send Parameters, not a %.60q", typ)
	}
	return request{doc.Root()}, nil
}

// named gives the parameters of a name.
func (q request) named(name string) []fhir.Node {
	var list []fhir.Node
	for p := range q.Get("parameter").Each() {
		if p.Get("name").Text() == name {
			list = append(list, p)
		}
	}
	return list
}

// reason gives the parameter reason as a CodeableConcept, or nothing.
func (q request) reason() []byte {
	for _, p := range q.named("reason") {
		if c := p.Get("valueCodeableConcept"); c.Exists() {
			return c.Raw()
		}
		if text := p.Get("valueString").Text(); text != "" {
			return fmt.Appendf(nil, `{"text":%s}`, quote(text))
		}
	}
	return nil
}

// why gives the words of the parameter reason.
func (q request) why() string {
	for _, p := range q.named("reason") {
		if text := p.Get("valueString").Text(); text != "" {
			return text
		}
		if text := wordsOf(p.Get("valueCodeableConcept")); text != "" {
			return text
		}
	}
	return ""
}

// points gives what an appeal is about, and what it is founded on.
func (q request) points() []pointJSON {
	var list []pointJSON
	for _, p := range q.named("line") {
		line := p.Get("valuePositiveInt").Raw()
		if text := p.Get("valueString").Text(); text != "" {
			line = json.RawMessage(text)
		}
		if json.Valid(line) {
			list = append(list, pointJSON{Type: concept{Text: "line"}, ValuePositiveInt: line})
		}
	}
	for _, p := range q.named("evidence") {
		list = append(list, pointJSON{Type: concept{Text: "evidence"}, ValueReference: p.Get("valueReference").Raw()})
	}
	return list
}

// pointsAt refuses an appeal about lines that the claim does not have.
func pointsAt(claim fhir.Node, asked request) error {
	lines := map[string]bool{}
	for item := range claim.Get("item").Each() {
		lines[item.Get("sequence").Text()] = true
	}
	for _, p := range asked.named("line") {
		if line := p.Get("valuePositiveInt").Text() + p.Get("valueString").Text(); !lines[line] {
			return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, "Parameters.parameter", "the claim has no line %.20q", line)
		}
	}
	return nil
}

// quote spells a JSON string.
func quote(text string) []byte {
	b, err := json.Marshal(text)
	if err != nil {
		panic("a string is always JSON: " + err.Error())
	}
	return b
}
