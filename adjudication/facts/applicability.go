package facts

import (
	"slices"
	"strconv"
	"time"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// A scene is who and what a line is about, for the conditions of its tariff.
type scene struct {
	items        []fhir.Node // of the Claim, one for each of Case.Lines
	diagnoses    fhir.Node   // Claim.diagnosis, which the items name by their numbers
	patient      party
	organization party
}

// A party is a resource by its key; zero where it is not known.
type party struct {
	key  fhir.Key
	node fhir.Node
}

// nativeConditions are those that useContext says too, in the words the demo
// scheme has them in; they are decided without FHIRPath.
var nativeConditions = map[string]adjudication.Sex{
	"%context.subject.resolve().gender = 'female'": adjudication.Female,
	"%context.subject.resolve().gender = 'male'":   adjudication.Male,
}

// conditions compiles ChargeItemDefinition.applicability, but for what the
// tariff's own sexes say already.
func conditions(n fhir.Node, t *adjudication.Tariff) ([]*path.Expression, []fhir.Issue) {
	var list []*path.Expression
	for i, a := range terms.Indexed(n.Get("applicability")) {
		text := a.Get("expression").Text()
		sex, native := nativeConditions[text]
		if text == "" || native && len(t.Sexes) == 1 && t.Sexes[0] == sex {
			continue
		}
		e, err := path.Compile(text)
		if err != nil {
			at := "ChargeItemDefinition.applicability[" + strconv.Itoa(i) + "].expression"
			return nil, []fhir.Issue{{
				Severity: fhir.SeverityError, Code: fhir.IssueInvalid, Expression: at,
				Diagnostics: "the condition can't be decided by: " + fhir.OutcomeOf(err).Error(),
			}}
		}
		list = append(list, e)
	}
	return list, nil
}

// suits reports whether all conditions of a tariff are true of a line. Their
// %context is a virtual ChargeItem made of claim and line, as R4 has it.
func (s *scene) suits(t *tariff, line int, served adjudication.Period) (bool, error) {
	if len(t.conditions) == 0 {
		return true, nil
	}
	doc, err := fhir.Parse(s.chargeItem(line, served))
	if err != nil {
		return false, err
	}
	item := path.Element(doc.Root(), r4.Lookup("ChargeItem"))
	context := &path.Context{
		Variables: map[string]path.Collection{"context": {item}},
		Resolve:   s.resolve,
		Now:       adjudication.Date(served.To),
	}
	for _, e := range t.conditions {
		holds, known, err := e.BoolItem(item, context)
		if err != nil || !known || !holds {
			return false, nil
		}
	}
	return true, nil
}

func (s *scene) resolve(reference string) (fhir.Node, bool) {
	for _, p := range []party{s.patient, s.organization} {
		if !p.key.IsZero() && p.key.String() == reference {
			return p.node, true
		}
	}
	return fhir.Node{}, false
}

// chargeItem writes the virtual ChargeItem of a line.
func (s *scene) chargeItem(line int, served adjudication.Period) []byte {
	item := s.items[line]
	b := []byte(`{"resourceType":"ChargeItem","status":"billable"`)
	raw := func(name string, n fhir.Node) {
		if n.Exists() {
			b = append(append(append(b, `,"`...), name...), `":`...)
			b = append(b, n.Raw()...)
		}
	}
	reference := func(name string, k fhir.Key) {
		if !k.IsZero() {
			b = append(append(append(b, `,"`...), name...), `":{"reference":"`...)
			b = append(append(b, k.String()...), `"}`...)
		}
	}
	raw("code", item.Get("productOrService"))
	reference("subject", s.patient.key)
	reference("performingOrganization", s.organization.key)
	b = append(b, `,"occurrenceDateTime":"`+adjudication.Date(served.To).Format(time.DateOnly)+`"`...)
	raw("quantity", item.Get("quantity"))
	raw("priceOverride", item.Get("unitPrice"))
	if reasons := s.reasons(item); len(reasons) > 0 {
		b = append(b, `,"reason":`...)
		for i, r := range reasons {
			b = append(append(b, "[,"[min(i, 1)]), r.Raw()...)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// reasons gives the diagnoses that a line is for: its own, those it names by
// number, or all of the claim where it names none.
func (s *scene) reasons(item fhir.Node) []fhir.Node {
	var list []fhir.Node
	for d := range item.Get("diagnosis").Each() {
		if concept := d.Get("diagnosisCodeableConcept"); concept.Exists() {
			list = append(list, concept)
		}
	}
	named := item.Get("diagnosisSequence")
	for d := range s.diagnoses.Each() {
		concept := d.Get("diagnosisCodeableConcept")
		if concept.Exists() && (!named.Exists() || slices.ContainsFunc(terms.Indexed(named), func(n fhir.Node) bool { return n.Text() == d.Get("sequence").Text() })) {
			list = append(list, concept)
		}
	}
	return list
}
