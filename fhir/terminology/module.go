package terminology

import (
	"context"

	"bima/fhir"
)

// A call is one run of an operation.
type call struct {
	*arguments
	*scope
	subject *held // the resource it was called on; nil on the type
}

// An operator is an operation of R4 on one type.
type operator struct {
	code, typ string
	instance  bool
	inline    string // the parameter that holds a resource of the type; "" where there is none
	takes     []string
	run       func(*call) (*fhir.Response, error)
}

// Module gives R4's operations of terminology. $closure and $find-matches are not
// among them.
func (s *Service) Module() fhir.Module {
	m := fhir.Module{Name: "terminology"}
	for _, o := range operators {
		m.Operations = append(m.Operations, s.operation(o))
	}
	return m
}

var operators = []operator{
	{code: "expand", typ: "ValueSet", instance: true, inline: "valueSet", takes: expandTakes, run: expand},
	{code: "validate-code", typ: "ValueSet", instance: true, inline: "valueSet", takes: validateSetTakes, run: validateInSet},
	{code: "validate-code", typ: "CodeSystem", instance: true, inline: "codeSystem", takes: validateSystemTakes, run: validateInSystem},
	{code: "lookup", typ: "CodeSystem", takes: lookupTakes, run: lookup},
	{code: "subsumes", typ: "CodeSystem", instance: true, takes: subsumesTakes, run: subsumes},
	{code: "translate", typ: "ConceptMap", instance: true, inline: "conceptMap", takes: translateTakes, run: translate},
}

func (s *Service) operation(o operator) fhir.Operation {
	return fhir.Operation{
		Code: o.code, Types: []string{o.typ}, Type: true, Instance: o.instance,
		Definition: "http://hl7.org/fhir/OperationDefinition/" + o.typ + "-" + o.code,
		Handle: func(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (response *fhir.Response, err error) {
			a, err := readArguments(in, o.typ, o.inline, o.takes)
			if err != nil {
				return nil, err
			}
			err = server.View(ctx, func(r fhir.Reader) error {
				response, err = s.call(r, o, on, a)
				return err
			})
			return response, err
		},
	}
}

func (s *Service) call(r fhir.Reader, o operator, on fhir.Key, a *arguments) (_ *fhir.Response, err error) {
	c := &call{arguments: a, scope: s.scope(r)}
	for _, n := range a.resources() {
		if _, err := c.bring(n); err != nil {
			return nil, err
		}
	}
	if on.ID != "" {
		if c.subject, err = c.instance(on); err != nil {
			return nil, err
		}
	}
	return o.run(c)
}

// instance finds the resource an operation is called on: a stored one, or one of
// those built in that has the id.
func (q *scope) instance(k fhir.Key) (*held, error) {
	found, err := q.matching(k.Type, fhir.IDs{k.ID})
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	stored, err := q.r.Read(k)
	if err == nil && stored.Deleted {
		return nil, fhir.Errorf(fhir.IssueDeleted, "", "%s has been deleted", k)
	}
	if d := q.service.byID(k); d != nil {
		return q.service.compiled(d.identity(), func() ([]byte, error) { return []byte(d.body), nil })
	}
	return nil, fhir.Errorf(fhir.IssueNotFound, "", "there is no %s", k)
}

// byID finds a built-in definition by its logical id; nil where there is none.
func (s *Service) byID(k fhir.Key) *definition {
	for _, list := range s.builtIn() {
		for _, d := range list {
			if d.typ == k.Type && d.id == k.ID {
				return d
			}
		}
	}
	return nil
}

// meant finds the resource of the operator's type that a call is about: the one it
// was called on, one that came inline, or the one the parameters name. It gives
// nil where they name none.
func (c *call) meant(typ, inline, url, version string) (*held, error) {
	if c.subject != nil {
		return c.subject, nil
	}
	n, err := c.resource(inline, typ)
	if err != nil {
		return nil, err
	}
	if n.Exists() {
		return c.bring(n)
	}
	name := parseCanonical(c.text(url))
	if name.url == "" {
		return nil, nil
	}
	if v := c.text(version); v != "" {
		name.version = v
	}
	h, err := c.resolve(typ, name)
	if err == nil && h == nil {
		kinds := map[string]string{"CodeSystem": "code system", "ValueSet": "value set", "ConceptMap": "concept map"}
		err = c.missing(typ, kinds[typ], name)
	}
	return h, err
}
