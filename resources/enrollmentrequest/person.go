package enrollmentrequest

import (
	"bytes"
	"context"
	"encoding/json"

	"bima/fhir"
)

// detailEnrolment tells what is wrong with an enrolment.
const detailEnrolment fhir.Detail = "enrolment"

func refuse(code fhir.IssueType, expression, format string, args ...any) error {
	return fhir.Detailf(code, detailEnrolment, expression, format, args...)
}

// person gives who is to be enrolled. Of somebody who came along and is in the
// register, by an identifier that only he bears, that is who is there; somebody new
// is given as he was sent.
func (m *message) person(r fhir.Reader) (there fhir.Key, sent fhir.Node, err error) {
	const at = requestType + ".candidate"
	sent = m.along("candidate")
	if !sent.Exists() {
		k, _, ok, err := m.stored(r, m.request.Get("candidate"), "Patient")
		if err == nil && !ok {
			err = refuse(fhir.IssueNotFound, at, "there is no such Patient; send him along in the Bundle, or refer to one of this server")
		}
		return k, fhir.Node{}, err
	}
	if typ := sent.Get("resourceType").Text(); typ != "Patient" {
		return there, sent, refuse(fhir.IssueNotSupported, at, "only a Patient is enrolled, not a %s", typ)
	}
	for i := range sent.Get("identifier").Each() {
		k, ok, err := owned(r, "Patient", i)
		if err != nil {
			return there, sent, err
		}
		if !ok {
			continue
		}
		n, err := fhir.Tree(r, k)
		if err != nil {
			return there, sent, err
		}
		for _, element := range []string{"birthDate", "gender"} {
			if theirs, ours := sent.Get(element).Text(), n.Get(element).Text(); theirs != "" && ours != "" && theirs != ours {
				return there, sent, fhir.Detailf(fhir.IssueDuplicate, fhir.DetailUnique, "Patient."+element,
					"the number %.60q belongs to somebody with another %s; correct the number, or the register", i.Get("value").Text(), element)
			}
		}
		return k, sent, nil
	}
	return there, sent, nil
}

// register enrols somebody new, by Group/$enrol. His id is ours, made of the
// request's: so the same request again finds him.
func (m *message) register(ctx context.Context, s fhir.Server, sent fhir.Node) (fhir.Key, error) {
	k := fhir.Key{Type: "Patient", ID: m.id}
	doc, err := fhir.Parse(sent.Raw())
	if err != nil {
		return k, err
	}
	edit := fhir.NewEdit(doc)
	edit.Set(doc.Root(), "id", []byte(`"`+k.ID+`"`))
	body := append(append([]byte(`{"resourceType":"Parameters","parameter":[{"name":"person","resource":`), edit.Bytes()...), "}]}"...)
	_, err = s.Operation(ctx, "enrol", fhir.Key{Type: "Group"}, &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body})
	return k, err
}

// kept gives the request as it is stored: what it refers to is ours, or is shown by
// its name only, and nothing is contained.
func (m *message) kept(refer map[string]reference) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(`{"resourceType":"` + requestType + `","id":"` + m.id + `"`)
	add := func(name string, value []byte) {
		out.WriteString(`,"` + name + `":`)
		out.Write(value)
	}
	if !m.request.Get("status").Exists() {
		add("status", []byte(`"active"`))
	}
	for part := range m.request.All() {
		switch name := part.Name(); name {
		case "resourceType", "id", "contained", "text", "meta":
		case "candidate", "coverage", "insurer":
			to := refer[name]
			if to == (reference{}) {
				to = m.shown(name)
			}
			body, err := json.Marshal(to)
			if err != nil {
				return nil, err
			}
			add(name, body)
		default:
			add(name, part.Raw())
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// A reference is a Reference to a resource of this server, or only says what it
// was.
type reference struct {
	Reference string `json:"reference,omitempty"`
	Display   string `json:"display,omitempty"`
}

// shown says what an element refers to, which is not known here.
func (m *message) shown(element string) reference {
	n := m.request.Get(element)
	text := n.Get("display").Text()
	for _, other := range []string{m.along(element).Get("name").Text(), n.At("identifier", "value").Text(), n.Get("reference").Text()} {
		if text == "" {
			text = other
		}
	}
	if text == "" {
		text = "unknown"
	}
	return reference{Display: text}
}
