package scoped

import (
	"bytes"
	"slices"

	"bima/fhir"
	"bima/fhir/interaction/jsontext"
)

// Operation refuses an operation that the grant does not allow. One that changes
// something needs AccessCreate on its type, or AccessUpdate on the type of the
// resource it is called on; $purge and $merge what they do; one that only reads needs AccessSearch or AccessRead;
// one on the whole server needs it for all types. What it does within is its own.
func Operation(g *fhir.Grant, o *fhir.Operation, on fhir.Key) error {
	if g == nil {
		return nil
	}
	return g.Need(access(o, on), on.Type)
}

func access(o *fhir.Operation, on fhir.Key) fhir.Access {
	switch {
	case o.Affects && on.Type == "":
		return fhir.AccessCreate | fhir.AccessUpdate | fhir.AccessDelete
	case o.Affects && o.Code == "merge":
		return fhir.AccessRead | fhir.AccessUpdate // it shows records, and makes none
	case o.Affects && on.ID == "":
		return fhir.AccessCreate
	case o.Affects && o.Code == "purge":
		return fhir.AccessDelete
	case o.Affects:
		return fhir.AccessUpdate
	case on.ID != "":
		return fhir.AccessRead
	}
	return fhir.AccessSearch
}

// Answer gives what an operation that only reads answers, without the entries of
// Bundles that the grant does not allow to read. What an answer is of, or has in a
// parameter, it refuses by an Outcome; what is stored nowhere is the operation's
// own.
func Answer(g *fhir.Grant, answer *fhir.Response) (*fhir.Response, error) {
	if g == nil || answer == nil || answer.Resource == nil || len(answer.Resource.Body) == 0 {
		return answer, nil
	}
	doc, err := fhir.Parse(answer.Resource.Body)
	if err != nil {
		return nil, err
	}
	s := &sieve{grant: g}
	body, err := s.resource(doc.Root())
	if err != nil {
		return nil, err
	}
	kept, resource := *answer, *answer.Resource
	resource.Body = bytes.Clone(body)
	kept.Resource = &resource
	return &kept, nil
}

// A sieve keeps of an answer what may be read.
type sieve struct{ grant *fhir.Grant }

func (s *sieve) may(n fhir.Node) bool {
	typ := n.Get("resourceType").Text()
	return typ == "OperationOutcome" || n.Get("id").Text() == "" || s.grant.May(fhir.AccessRead, typ)
}

// resource gives a resource of an answer.
func (s *sieve) resource(n fhir.Node) ([]byte, error) {
	switch typ := n.Get("resourceType").Text(); {
	case typ == "Bundle":
		return s.bundle(n)
	case typ == "Parameters":
		return n.Raw(), s.parameters(n.Get("parameter"))
	case !s.may(n):
		return nil, s.grant.Need(fhir.AccessRead, typ)
	}
	return n.Raw(), nil
}

// parameters refuses what may not be read in Parameters.
func (s *sieve) parameters(list fhir.Node) error {
	for p := range list.Each() {
		if r := p.Get("resource"); r.Exists() {
			if _, err := s.resource(r); err != nil {
				return err
			}
		}
		if err := s.parameters(p.Get("part")); err != nil {
			return err
		}
	}
	return nil
}

// bundle gives a Bundle with the entries that may be read, and says of which types
// others were; how many there are in all is not told then.
func (s *sieve) bundle(n fhir.Node) ([]byte, error) {
	var kept [][]byte
	var left []string
	for entry := range n.Get("entry").Each() {
		r := entry.Get("resource")
		switch typ := r.Get("resourceType").Text(); {
		case !r.Exists() || s.may(r):
			kept = append(kept, entry.Raw())
		case !slices.Contains(left, typ):
			left = append(left, typ)
		}
	}
	if len(left) == 0 {
		return n.Raw(), nil
	}
	slices.Sort(left)
	if n.Get("type").Text() == "searchset" {
		kept = append(kept, outcomeEntry(leftOut(s.grant, left)))
	}
	b := []byte{'{'}
	for m := range n.All() {
		value := m.Raw()
		if m.Name() == "entry" {
			value = slices.Concat([]byte{'['}, bytes.Join(kept, []byte{','}), []byte{']'})
		}
		if m.Name() == "total" || m.Name() == "entry" && len(kept) == 0 {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(jsontext.AppendString(b, m.Name()), ':')
		b = append(b, value...)
	}
	return append(b, '}'), nil
}

// outcomeEntry gives the entry of a searchset that tells something.
func outcomeEntry(issue fhir.Issue) []byte {
	b := []byte(`{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":`)
	b = append(jsontext.AppendString(b, string(issue.Severity)), `,"code":`...)
	b = append(jsontext.AppendString(b, string(issue.Code)), `,"diagnostics":`...)
	b = jsontext.AppendString(b, issue.Diagnostics)
	return append(b, `}]},"search":{"mode":"outcome"}}`...)
}
