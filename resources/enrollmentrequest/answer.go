package enrollmentrequest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// answer stores the request with what it led to, and the response.
func (e *enrolment) answer(ctx context.Context, refusal error) error {
	refer := map[string]reference{}
	for name, k := range map[string]fhir.Key{"candidate": e.person, "insurer": e.insurer} {
		if !k.IsZero() {
			refer[name] = reference{Reference: k.String()}
		}
	}
	if e.holder != nil {
		refer["coverage"] = reference{Reference: e.holder.coverage.String()}
	}
	request, err := e.kept(refer)
	if err != nil {
		return err
	}
	return e.server.Commit(context.WithValue(ctx, ownKey{}, true), func(tx fhir.Tx) error {
		stored, err := fhir.Tree(tx, fhir.Key{Type: responseType, ID: e.id})
		if err != nil || refusal != nil && stored.Get("outcome").Text() == "complete" {
			return err // it was completed meanwhile
		}
		if _, err := tx.Update(&fhir.Resource{Key: fhir.Key{Type: requestType, ID: e.id}, Body: request}, 0); err != nil {
			return err
		}
		body, err := json.Marshal(e.response(tx.Now(), refusal))
		if err == nil {
			_, err = tx.Update(&fhir.Resource{Key: fhir.Key{Type: responseType, ID: e.id}, Body: body}, 0)
		}
		return err
	})
}

// response writes the EnrollmentResponse.
func (e *enrolment) response(now time.Time, refusal error) map[string]any {
	body := map[string]any{
		"resourceType": responseType, "id": e.id, "status": "active", "outcome": "complete",
		"request": reference{Reference: requestType + "/" + e.id}, "created": now.In(e.settings.Zone).Format(time.RFC3339),
	}
	if !e.insurer.IsZero() {
		body["organization"] = reference{Reference: e.insurer.String()}
	}
	var extensions []any
	for _, k := range e.results() {
		extensions = append(extensions, map[string]any{"url": profiles.ExtensionEnrollmentResult, "valueReference": reference{Reference: k.String()}})
	}
	if refusal != nil {
		issue := fhir.OutcomeOf(refusal).Issues[0]
		body["outcome"], body["disposition"] = "error", issue.Diagnostics
		reason := map[string]any{"text": issue.Diagnostics}
		if issue.Detail != "" {
			reason["coding"] = []any{map[string]string{"system": profiles.SystemIssueDetail, "code": string(issue.Detail)}}
		}
		extensions = append(extensions, map[string]any{"url": profiles.ExtensionEnrollmentReason, "valueCodeableConcept": reason})
	} else {
		body["disposition"] = e.disposition()
	}
	if extensions != nil {
		body["extension"] = extensions
	}
	return body
}

// results gives what the request led to.
func (e *enrolment) results() []fhir.Key {
	var list []fhir.Key
	if !e.person.IsZero() {
		list = append(list, e.person)
	}
	if e.holder != nil {
		list = append(append(list, e.holder.contract, e.holder.coverage), e.holder.invoices...)
	}
	return list
}

// disposition says it in a sentence.
func (e *enrolment) disposition() string {
	s := e.holder
	until := ""
	if s.end != "" {
		until = " to " + s.end
	}
	switch {
	case s.state == "active":
		return fmt.Sprintf("Enrolled: covered by %s from %s%s.", e.plan.name, s.start, until)
	case s.left > 0:
		return fmt.Sprintf("Enrolled: covered by %s when %s %s are paid.", e.plan.name, s.left, s.currency)
	}
	return fmt.Sprintf("Enrolled in %s; the policy is %s.", e.plan.name, s.state)
}

// respond answers with the response as it is stored; a Bundle, where one came, with
// the request and what came of it behind.
func (e *enrolment) respond(ctx context.Context) (*fhir.Response, error) {
	key := fhir.Key{Type: responseType, ID: e.id}
	response := &fhir.Response{}
	err := e.server.View(ctx, func(r fhir.Reader) error {
		stored, err := r.Read(key)
		if err != nil || !e.bundle.Exists() {
			response.Resource = stored
			return err
		}
		doc, err := fhir.Parse(stored.Body)
		if err != nil {
			return err
		}
		keys := []fhir.Key{{Type: requestType, ID: e.id}}
		for x := range doc.Root().Get("extension").Each() {
			if x.Get("url").Text() == profiles.ExtensionEnrollmentResult {
				ref := fhir.ParseReference(x.At("valueReference", "reference").Text(), func(string) bool { return true })
				keys = append(keys, ref.Key)
			}
		}
		body, err := e.collection(r, stored, keys)
		response.Resource = &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Version: stored.Version, Updated: stored.Updated, Body: body}
		return err
	})
	return response, err
}

// collection puts a resource and others into a Bundle.
func (e *enrolment) collection(r fhir.Reader, first *fhir.Resource, others []fhir.Key) ([]byte, error) {
	found, err := r.ReadMany(others)
	if err != nil {
		return nil, err
	}
	by := map[fhir.Key]*fhir.Resource{}
	for _, f := range found {
		by[f.Key] = f
	}
	list := []*fhir.Resource{first}
	for _, k := range others {
		if by[k] != nil {
			list = append(list, by[k])
		}
	}
	var out bytes.Buffer
	out.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for i, one := range list {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('{')
		if e.base != "" {
			fmt.Fprintf(&out, `"fullUrl":%q,`, e.base+"/"+one.Key.String())
		}
		out.WriteString(`"resource":`)
		out.Write(one.Body)
		out.WriteByte('}')
	}
	out.WriteString(`]}`)
	return out.Bytes(), nil
}
