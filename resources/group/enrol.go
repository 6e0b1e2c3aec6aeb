package group

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// detailEnrolment tells what is wrong with an enrolment.
const detailEnrolment fhir.Detail = "enrolment"

// resourcesMax is how many persons and families one $enrol takes: a village.
const resourcesMax = 5000

// An enrolment is what $enrol was asked to take in.
type enrolment struct {
	Settings
	persons []*enrolled
	groups  []*enrolled
	source  string

	today string
	by    map[string]*enrolled // by each text that a reference may have
}

// An enrolled is one resource of an enrolment.
type enrolled struct {
	node     fhir.Node
	at       string   // where it stood: "Bundle.entry[3].resource"
	names    []string // by which references mean it
	key      fhir.Key // once it is known
	id       string   // the client's; "" where it has none
	new      bool     // whether it was made
	existing fhir.Node
}

// enrol is Group/$enrol. Who and what is there already is left as it is, but that
// a family gets the members it has not; so an enrolment may be sent again.
func (s Settings) enrol(ctx context.Context, server fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	asked, err := s.enrolmentIn(in)
	if err != nil {
		return nil, err
	}
	var keys, persons []fhir.Key
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		e := asked.again()
		if err := e.store(tx); err != nil {
			return err
		}
		keys, persons = nil, nil
		for _, g := range e.groups {
			keys = append(keys, g.key)
		}
		for _, p := range e.persons {
			persons = append(persons, p.key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return families(ctx, server, keys, persons)
}

// again gives the enrolment as it was before a transaction began.
func (e *enrolment) again() *enrolment {
	fresh := &enrolment{Settings: e.Settings, source: e.source, by: map[string]*enrolled{}}
	clone := func(list []*enrolled) []*enrolled {
		out := make([]*enrolled, len(list))
		for i, one := range list {
			c := *one
			out[i] = &c
			for _, name := range c.names {
				fresh.by[name] = out[i]
			}
		}
		return out
	}
	fresh.persons, fresh.groups = clone(e.persons), clone(e.groups)
	return fresh
}

// enrolmentIn reads a Bundle, or Parameters with resources.
func (s Settings) enrolmentIn(in *fhir.Resource) (*enrolment, error) {
	e := &enrolment{Settings: s}
	if in == nil {
		return nil, fhir.Errorf(fhir.IssueRequired, "", "send the persons and families: a Bundle, or Parameters with a resource each")
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	switch root := doc.Root(); root.Get("resourceType").Text() {
	case "Bundle":
		err = e.bundle(root, "Bundle")
	case "Parameters":
		err = e.parameters(root)
	case "Patient", "Group":
		err = e.take(root, root.Get("resourceType").Text(), "", true)
	default:
		err = fhir.Errorf(fhir.IssueInvalid, "", "$enrol takes a Bundle or a Parameters, not %.60q", root.Get("resourceType").Text())
	}
	if err == nil && len(e.persons)+len(e.groups) == 0 {
		err = fhir.Errorf(fhir.IssueRequired, doc.Root().Get("resourceType").Text(), "there is neither a Patient nor a Group to enrol")
	}
	return e, err
}

func (e *enrolment) bundle(root fhir.Node, at string) error {
	i := -1
	for entry := range root.Get("entry").Each() {
		i++
		here := fmt.Sprintf("%s.entry[%d]", at, i)
		method := entry.At("request", "method").Text()
		if method != "" && method != "POST" && method != "PUT" {
			return enrolRefusal(here+".request.method", "$enrol takes in persons and families; %s is done by itself", method)
		}
		if err := e.take(entry.Get("resource"), here+".resource", entry.Get("fullUrl").Text(), method != "POST"); err != nil {
			return err
		}
	}
	return nil
}

func (e *enrolment) parameters(root fhir.Node) error {
	i := -1
	for p := range root.Get("parameter").Each() {
		i++
		here := fmt.Sprintf("Parameters.parameter[%d]", i)
		resource := p.Get("resource")
		switch {
		case p.Get("name").Text() == "source":
			e.source = p.Get("valueString").Text()
		case resource.Get("resourceType").Text() == "Bundle":
			if err := e.bundle(resource, here+".resource"); err != nil {
				return err
			}
		case resource.Exists():
			if err := e.take(resource, here+".resource", "", true); err != nil {
				return err
			}
		default:
			return fhir.Errorf(fhir.IssueInvalid, here, "there is no parameter %.60q here but source, and those with a resource", p.Get("name").Text())
		}
	}
	return nil
}

// take takes in one resource. Under keeps the id that it has; a POST does not.
func (e *enrolment) take(n fhir.Node, at, fullURL string, under bool) error {
	if len(e.persons)+len(e.groups) >= resourcesMax {
		return fhir.Errorf(fhir.IssueTooCostly, at, "there are more than %d persons and families; enrol a part of them at a time", resourcesMax)
	}
	doc, err := fhir.Parse(n.Raw()) // by itself, so that an edit of it is small
	if err != nil {
		return err
	}
	n = doc.Root()
	one := &enrolled{node: n, at: at}
	id := n.Get("id").Text()
	if under {
		one.id = id
	}
	if id != "" {
		one.names = append(one.names, n.Get("resourceType").Text()+"/"+id)
	}
	if fullURL != "" {
		one.names = append(one.names, fullURL)
	}
	switch typ := n.Get("resourceType").Text(); typ {
	case "Patient":
		for i := range n.Get("identifier").Each() {
			one.names = append(one.names, nameOf(i))
		}
		e.persons = append(e.persons, one)
	case "Group":
		e.groups = append(e.groups, one)
	default:
		return enrolRefusal(at, "$enrol takes Patients and Groups, not %.60q", typ)
	}
	return nil
}

// nameOf gives the text by which a logical reference means an identifier.
func nameOf(identifier fhir.Node) string {
	return identifier.Get("system").Text() + "|" + identifier.Get("value").Text()
}

func enrolRefusal(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailEnrolment, expression, format, args...)
}

// store stores what is new, in the transaction.
func (e *enrolment) store(tx fhir.Tx) error {
	e.today = e.Settings.today(tx.Now())
	if err := e.findPersons(tx); err != nil {
		return err
	}
	for _, p := range e.persons {
		if err := within(p.at, "Patient", e.storePerson(tx, p)); err != nil {
			return err
		}
	}
	for _, g := range e.groups {
		if err := within(g.at, "Group", e.storeGroup(tx, g)); err != nil {
			return err
		}
	}
	return e.record(tx)
}

// within says where in the enrolment an element at fault stands.
func within(at, typ string, err error) error {
	if err == nil {
		return nil
	}
	moved := &fhir.Outcome{Issues: slices.Clone(fhir.OutcomeOf(err).Issues)}
	for i, issue := range moved.Issues {
		if rest, ok := strings.CutPrefix(issue.Expression, typ); ok {
			moved.Issues[i].Expression = at + rest
		} else if issue.Expression == "" {
			moved.Issues[i].Expression = at
		}
	}
	return moved.Because(err)
}

// personOf gives who a Reference in the enrolment means: one of those enrolled, or
// somebody who is there.
func (e *enrolment) personOf(tx fhir.Tx, reference fhir.Node) (fhir.Key, error) {
	text := reference.Get("reference").Text()
	if one := e.by[text]; text != "" && one != nil {
		return one.key, nil
	}
	identifier := reference.Get("identifier")
	if text == "" && identifier.Exists() {
		if one := e.by[nameOf(identifier)]; one != nil {
			return one.key, nil
		}
		k, ok, err := tx.Owner(fhir.UniqueKey{Type: "Patient", Name: identifier.Get("system").Text(), Value: identifier.Get("value").Text()})
		if ok || err != nil {
			return k, err
		}
	}
	if ref := fhir.ParseReference(text, r4.IsResource); ref.Type == "Patient" && ref.ID != "" {
		return fhir.Key{Type: "Patient", ID: strings.Clone(ref.ID)}, nil
	}
	return fhir.Key{}, enrolRefusal("Group.member.entity", "the member %.80q is neither among the persons sent nor known; refer to a person by fullUrl, id or insurance number", text+identifier.Get("value").Text())
}

// numberOf gives the insurance number of a person.
func numberOf(n fhir.Node) string { return n.Identifier(profiles.IdentifierInsuranceNumber) }
