package scoped

import (
	"bytes"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/jsontext"
)

// A Sight is what a caller may see: by the scopes of his token, and under a Veil.
type Sight struct {
	Grant  *fhir.Grant
	Veil   *Veil
	Reader fhir.Reader // reads all, for the Veil
}

// Answer gives what an operation answers as far as it may be read. Of Bundles the
// entries that may not be are left out. What an answer is of, or has in a parameter,
// is refused by an Outcome; where the operation has changed something, which can't be
// refused any more, an OperationOutcome stands in its place. What is stored nowhere is
// the operation's own.
func Answer(of Sight, answer *fhir.Response, changed bool) (*fhir.Response, error) {
	if of.Grant == nil && of.Veil == nil || answer == nil || answer.Resource == nil || len(answer.Resource.Body) == 0 {
		return answer, nil
	}
	if of.Grant == nil && !slices.ContainsFunc(of.Veil.types(), Names(answer)) {
		return answer, nil
	}
	doc, err := fhir.Parse(answer.Resource.Body)
	if err != nil {
		return nil, err
	}
	s := &sieve{Sight: of, changed: changed}
	body, err := s.resource(doc.Root())
	if err != nil {
		return nil, err
	}
	kept, resource := *answer, *answer.Resource
	resource.Body = bytes.Clone(body)
	if doc, err := fhir.Parse(resource.Body); err == nil {
		if typ := doc.Root().Get("resourceType").Text(); typ != resource.Type {
			resource.Key = fhir.Key{Type: typ}
		}
	}
	kept.Resource = &resource
	return &kept, nil
}

// Names gives a question whether an answer may name a type of resource.
func Names(answer *fhir.Response) func(typ string) bool {
	if answer == nil || answer.Resource == nil {
		return func(string) bool { return false }
	}
	body := answer.Resource.Body
	if bytes.Contains(body, []byte(`\u`)) {
		return func(string) bool { return true } // it may be written otherwise
	}
	return func(typ string) bool { return bytes.Contains(body, []byte(typ)) }
}

// Silent gives an answer without what it tells: of an operation that has changed
// something, where nobody can say what of it may be read.
func Silent(answer *fhir.Response) *fhir.Response {
	if answer == nil || answer.Resource == nil {
		return answer
	}
	kept := *answer
	kept.Resource = &fhir.Resource{Key: fhir.Key{Type: "OperationOutcome"}, Body: outcomeOf(withheld(""))}
	return &kept
}

// A sieve keeps of an answer what may be read.
type sieve struct {
	Sight
	changed bool // whether the operation has changed something
}

// may reports whether a resource of an answer may be read; err says why not.
func (s *sieve) may(n fhir.Node) (err error) {
	k := fhir.Key{Type: n.Get("resourceType").Text(), ID: n.Get("id").Text()}
	if k.Type == "OperationOutcome" || k.ID == "" {
		return nil
	}
	if err := s.Grant.Need(fhir.AccessRead, k.Type); err != nil || s.Veil == nil {
		return err
	}
	hides, err := s.Veil.Hides(s.Reader, &fhir.Resource{Key: k, Body: n.Raw()})
	if err == nil && hides {
		err = missing(k)
	}
	return err
}

// resource gives a resource of an answer, or what stands in its place.
func (s *sieve) resource(n fhir.Node) ([]byte, error) {
	switch n.Get("resourceType").Text() {
	case "Bundle":
		return s.bundle(n)
	case "Parameters":
		return s.parameters(n, "parameter")
	}
	err := s.may(n)
	if err == nil {
		return n.Raw(), nil
	}
	if !s.changed || !refused(err) {
		return nil, err
	}
	return outcomeOf(withheld(fhir.OutcomeOf(err).Issues[0].Diagnostics)), nil
}

// refused reports whether an error is that something may not be read.
func refused(err error) bool {
	return fhir.HasIssue(err, fhir.IssueForbidden) || fhir.HasIssue(err, fhir.IssueNotFound)
}

// parameters gives Parameters, or a part of them, with what may be read of the
// resources in the list of a name.
func (s *sieve) parameters(n fhir.Node, list string) ([]byte, error) {
	return members(n, func(m fhir.Node) ([]byte, error) {
		switch {
		case m.Name() == "resource" && list == "part":
			return s.resource(m)
		case m.Name() != list:
			return m.Raw(), nil
		}
		var each [][]byte
		for p := range m.Each() {
			one, err := s.parameters(p, "part")
			if err != nil {
				return nil, err
			}
			each = append(each, one)
		}
		return array(each), nil
	})
}

// bundle gives a Bundle with the entries that may be read, and says of which types
// others were that the scopes don't grant; how many there are in all is not told then.
func (s *sieve) bundle(n fhir.Node) ([]byte, error) {
	var kept [][]byte
	var left []string
	dropped := false
	responses := strings.HasSuffix(n.Get("type").Text(), "-response")
	for entry := range n.Get("entry").Each() {
		r := entry.Get("resource")
		err := error(nil)
		if r.Exists() {
			err = s.may(r)
		}
		typ := r.Get("resourceType").Text()
		switch {
		case err == nil:
			kept = append(kept, entry.Raw())
			continue
		case !refused(err):
			return nil, err
		case responses:
			bare, err := members(entry, func(m fhir.Node) ([]byte, error) {
				if m.Name() == "resource" {
					return outcomeOf(withheld("")), nil
				}
				return m.Raw(), nil
			})
			if err != nil {
				return nil, err
			}
			kept = append(kept, bare)
		case !s.Grant.May(fhir.AccessRead, typ) && !slices.Contains(left, typ):
			left = append(left, typ)
		}
		dropped = true
	}
	if !dropped {
		return n.Raw(), nil
	}
	slices.Sort(left)
	if len(left) > 0 && n.Get("type").Text() == "searchset" {
		kept = append(kept, slices.Concat([]byte(`{"resource":`), outcomeOf(leftOut(s.Grant, left)), []byte(`,"search":{"mode":"outcome"}}`)))
	}
	return members(n, func(m fhir.Node) ([]byte, error) {
		switch {
		case m.Name() == "total" || m.Name() == "entry" && len(kept) == 0:
			return nil, nil
		case m.Name() == "entry":
			return array(kept), nil
		}
		return m.Raw(), nil
	})
}

// members writes an object anew, each member as of gives it and without those of
// which that is nil.
func members(n fhir.Node, of func(m fhir.Node) ([]byte, error)) ([]byte, error) {
	b := []byte{'{'}
	for m := range n.All() {
		value, err := of(m)
		if err != nil {
			return nil, err
		}
		if value == nil {
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

func array(list [][]byte) []byte {
	return slices.Concat([]byte{'['}, bytes.Join(list, []byte{','}), []byte{']'})
}

// withheld says that what was asked for is done, and what is not told and why.
func withheld(why string) fhir.Issue {
	text := "this is done; the answer is of what you may not read, and left out"
	if why != "" {
		text += ": " + why
	}
	return fhir.Issue{Severity: fhir.SeverityWarning, Code: fhir.IssueSuppressed, Diagnostics: text}
}

// outcomeOf gives an OperationOutcome of one issue.
func outcomeOf(issue fhir.Issue) []byte {
	b := []byte(`{"resourceType":"OperationOutcome","issue":[{"severity":`)
	b = append(jsontext.AppendString(b, string(issue.Severity)), `,"code":`...)
	b = append(jsontext.AppendString(b, string(issue.Code)), `,"diagnostics":`...)
	b = jsontext.AppendString(b, issue.Diagnostics)
	return append(b, `}]}`...)
}
