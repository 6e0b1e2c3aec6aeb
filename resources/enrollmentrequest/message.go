package enrollmentrequest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"bima/fhir"
	"bima/fhir/enclosure"
	"bima/fhir/r4"
)

// A message is what was sent.
type message struct {
	request fhir.Node
	bundle  fhir.Node // absent where the request came by itself
	base    string
	id      string // under which request and answer are kept
}

// read finds the request in what was sent.
func (s Settings) read(in *fhir.Resource, who fhir.Caller) (*message, error) {
	if in == nil {
		return nil, fhir.Errorf(fhir.IssueRequired, "", "send the %s in the body of the request", requestType)
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	m, root, list := &message{base: s.Base}, doc.Root(), ""
	switch typ := root.Get("resourceType").Text(); typ {
	case requestType:
		m.request = root
	case "Parameters":
		list = "parameter"
		for e := range root.Get(list).Each() {
			if r := e.Get("resource"); r.Get("resourceType").Text() == "Bundle" {
				m.bundle, root, list = r, r, "entry"
				break
			}
		}
	case "Bundle":
		m.bundle, list = root, "entry"
	default:
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "%s/$submit takes an %s or a Bundle with one, not %.60q", requestType, requestType, typ)
	}
	if list != "" {
		var found []fhir.Node
		for e := range root.Get(list).Each() {
			if r := e.Get("resource"); r.Get("resourceType").Text() == requestType {
				found = append(found, r)
			}
		}
		if len(found) != 1 {
			return nil, fhir.Errorf(fhir.IssueInvalid, root.Get("resourceType").Text()+"."+list, "%s/$submit takes exactly one %s; this holds %d", requestType, requestType, len(found))
		}
		m.request = found[0]
	}
	return m, m.check(who)
}

// check refuses what could never be answered.
func (m *message) check(who fhir.Caller) error {
	if status := m.request.Get("status").Text(); slices.Contains([]string{"draft", "cancelled", "entered-in-error"}, status) {
		return fhir.Errorf(fhir.IssueBusinessRule, requestType+".status", "a request that is submitted is active, this one is %s", status)
	}
	if !m.request.Get("candidate").Exists() {
		return fhir.Errorf(fhir.IssueRequired, requestType+".candidate", "say who is to be enrolled: a reference to a Patient that comes along, or to one of this server")
	}
	m.id = m.name(who)
	return nil
}

// name makes the id of the request: of its identifier and who sent it, or of all
// that was sent. So the same request again is the same.
func (m *message) name(who fhir.Caller) string {
	sum := sha256.New()
	part := func(text []byte) { sum.Write(text); sum.Write([]byte{0}) }
	part([]byte(who.Identity))
	if i := m.request.Get("identifier").First(); i.Get("value").Text() != "" {
		part([]byte(i.Get("system").Text()))
		part([]byte(i.Get("value").Text()))
	} else {
		part(m.request.Raw())
		for _, element := range []string{"candidate", "coverage", "insurer"} {
			part(m.along(element).Raw())
		}
	}
	return "enrolment-" + hex.EncodeToString(sum.Sum(nil)[:16])
}

// along gives what came along that an element of the request refers to; absent
// where nothing did.
func (m *message) along(element string) fhir.Node { return m.found(m.request.Get(element)) }

func (m *message) found(reference fhir.Node) fhir.Node {
	return enclosure.Find(m.bundle, m.request, m.base, reference.Get("reference").Text())
}

// stored gives the resource of this server that a reference means, by id or by an
// identifier that only one bears; false where it means none.
func (m *message) stored(r fhir.Reader, reference fhir.Node, typ string) (fhir.Key, fhir.Node, bool, error) {
	k := fhir.Key{}
	if ref := fhir.ParseReference(reference.Get("reference").Text(), r4.IsResource); ref.Type == typ && (ref.Base == "" || ref.Base == m.base) {
		k = fhir.Key{Type: typ, ID: ref.ID}
	} else if i := reference.Get("identifier"); i.Exists() {
		owner, ok, err := owned(r, typ, i)
		if err != nil || !ok {
			return k, fhir.Node{}, false, err
		}
		k = owner
	}
	if k.ID == "" {
		return k, fhir.Node{}, false, nil
	}
	n, err := fhir.Tree(r, k)
	return k, n, n.Exists(), err
}

// owned gives who bears an identifier.
func owned(r fhir.Reader, typ string, identifier fhir.Node) (fhir.Key, bool, error) {
	value := identifier.Get("value").Text()
	if value == "" {
		return fhir.Key{}, false, nil
	}
	return r.Owner(fhir.UniqueKey{Type: typ, Name: identifier.Get("system").Text(), Value: value})
}
