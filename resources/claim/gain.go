package claim

import (
	"fmt"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// gainersMax bounds how many claims a withdrawal names as those that may be
	// granted more now.
	gainersMax = 50
	// gainersTried bounds how many claims of the people concerned are looked at, the
	// newest first.
	gainersTried = 200
	// peopleMax bounds the people of a policy whose claims are looked at.
	peopleMax = 50
)

// forWant are the reasons for which a line is granted less where others have used
// up what there was, or stand in its way.
var forWant = []adjudication.Reason{
	adjudication.ReasonFrequency, adjudication.ReasonAdmissions, adjudication.ReasonVisits, adjudication.ReasonConsultations,
	adjudication.ReasonSurgeries, adjudication.ReasonDeliveries, adjudication.ReasonAntenatal, adjudication.ReasonMaximum,
	adjudication.ReasonQuantity, adjudication.ReasonQuantityCut, adjudication.ReasonCeilingInsuree,
	adjudication.ReasonCeilingPolicy, adjudication.ReasonCeilingCategory,
	adjudication.ReasonRepeat, adjudication.ReasonAdmission, adjudication.ReasonExclusive, adjudication.ReasonDuplicate,
	adjudication.ReasonPreauthorization,
}

// gainers gives the claims that were granted less for want of something while a
// claim, which is withdrawn, used some of it: those of its patient and of the
// people of its policies. Whether one gains is known when it is decided anew.
func (d *decider) gainers(r fhir.Reader, withdrawn fhir.Key, n fhir.Node) ([]fhir.Key, error) {
	if n.Get("use").Text() == "predetermination" {
		return nil, nil
	}
	people, err := d.concernedBy(r, n)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	where := make(fhir.Any, len(people))
	for i, k := range people {
		where[i] = fhir.Match{Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: k}}
	}
	page, err := r.Search(&fhir.Query{Types: []string{"ClaimResponse"}, Where: where, Limit: gainersTried})
	if err != nil {
		return nil, err
	}
	var found []fhir.Key
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		claim := fhir.Key{Type: "Claim", ID: resource.ID}
		if response := doc.Root(); claim != withdrawn && response.Get("status").Text() == "active" && wanting(response) && len(found) < gainersMax {
			found = append(found, claim)
		}
	}
	// In the order in which they were made, as their ids are.
	slices.SortFunc(found, func(a, b fhir.Key) int { return strings.Compare(a.ID, b.ID) })
	return found, nil
}

// concernedBy gives the patient of a claim and the people of his policies.
func (d *decider) concernedBy(r fhir.Reader, n fhir.Node) ([]fhir.Key, error) {
	g, err := d.facts.Claim(r, n)
	if g == nil || g.Patient.IsZero() {
		return nil, err
	}
	people := []fhir.Key{g.Patient}
	for _, policy := range g.Case.Policies {
		typ, id, _ := strings.Cut(policy.Account, "/")
		if typ != "Contract" {
			continue
		}
		contract, err := fhir.Tree(r, fhir.Key{Type: typ, ID: id})
		if err != nil {
			return nil, err
		}
		for _, t := range ofAll(contract, touch{}) {
			if !slices.Contains(people, t.Person) && len(people) < peopleMax {
				people = append(people, t.Person)
			}
		}
	}
	return people, nil
}

// wanting reports whether a response grants less of a line than it would have
// with nothing used before.
func wanting(response fhir.Node) bool {
	for item := range response.Get("item").Each() {
		for a := range item.Get("adjudication").Each() {
			if slices.Contains(forWant, adjudication.Reason(a.Get("reason").Code(profiles.SystemAdjustmentReason))) {
				return true
			}
		}
	}
	return false
}

// gainNote tells people of the claims that may be granted more.
func (d *decider) gainNote(gainers []fhir.Key) string {
	names := make([]string, len(gainers))
	for i, k := range gainers {
		names[i] = k.String()
	}
	return d.tongue.Say("What this claim had used is free again. $reprocess decides anew those that were granted less for want of it: %s.", strings.Join(names, ", "))
}

// targetOf gives the Claim that a Reference of an extension names.
func targetOf(n fhir.Node, url string) fhir.Key {
	return r4.Target(n.Extension(url).Get("valueReference"))
}

// noted gives the processNotes of a response with one more.
func noted(response fhir.Node, text string) []byte {
	notes := response.Get("processNote")
	number := 1
	b := []byte{'['}
	for n := range notes.Each() {
		b = append(append(b, n.Raw()...), ',')
		number++
	}
	return fmt.Appendf(b, `{"number":%d,"type":"display","text":%s}]`, number, quote(text))
}

// extended gives the extensions of a response with those that name who may gain.
func extended(response fhir.Node, gainers []fhir.Key) []byte {
	b := []byte{'['}
	for e := range response.Get("extension").Each() {
		if e.Get("url").Text() != profiles.ExtensionMayGain {
			b = append(append(b, e.Raw()...), ',')
		}
	}
	for i, k := range gainers {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"url":%q,"valueReference":{"reference":%q}}`, profiles.ExtensionMayGain, k.String())
	}
	return append(b, ']')
}
