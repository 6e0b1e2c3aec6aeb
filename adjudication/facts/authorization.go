package facts

import (
	"math"
	"slices"
	"time"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// authorizationsMax bounds how many preauthorizations of one claim are looked at.
const authorizationsMax = 20

// authorise marks the lines of a Claim that the scheme agreed to beforehand: for
// the same person, in a preauthorization that the Claim names and that did not
// refuse them, and for the days that it holds.
func (f *Facts) authorise(r fhir.Reader, claim fhir.Node, g *Claim) error {
	named, err := authorizations(r, claim)
	if err != nil {
		return err
	}
	found, err := readAll(r, named)
	if err != nil {
		return err
	}
	admitted, _ := admission(claim)
	for _, k := range named {
		if response, ok := found[k]; ok {
			if err := f.agreed(r, response.node, admitted, g); err != nil {
				return err
			}
		}
	}
	return nil
}

// Authorizations gives the Claims of the preauthorizations that a Claim names:
// those of which it may have consumed.
func (f *Facts) Authorizations(r fhir.Reader, claim fhir.Node) ([]fhir.Key, error) {
	responses, err := authorizations(r, claim)
	if err != nil {
		return nil, err
	}
	found, err := readAll(r, responses)
	var requests []fhir.Key
	for _, response := range found {
		request, ok, err := f.resolve(r, response.node, response.node.Get("request"), "Claim")
		if err != nil {
			return nil, err
		}
		if ok && !slices.Contains(requests, request) {
			requests = append(requests, request)
		}
	}
	return requests, err
}

// authorizations gives the ClaimResponses that a Claim names by preAuthRef.
func authorizations(r fhir.Reader, claim fhir.Node) ([]fhir.Key, error) {
	var responses []fhir.Key
	for insurance := range claim.Get("insurance").Each() {
		for ref := range insurance.Get("preAuthRef").Each() {
			k, ok, err := authorization(r, ref.Text())
			if err != nil {
				return nil, err
			}
			if ok && len(responses) < authorizationsMax && !slices.Contains(responses, k) {
				responses = append(responses, k)
			}
		}
	}
	return responses, nil
}

// authorization finds the ClaimResponse that a preAuthRef means: its id, which is
// what the scheme answers, or its number.
func authorization(r fhir.Reader, ref string) (fhir.Key, bool, error) {
	if ref == "" {
		return fhir.Key{}, false, nil
	}
	k, ok, err := r.Owner(fhir.UniqueKey{Type: "ClaimResponse", Name: profiles.IdentifierClaimResponse, Value: ref})
	if ok || err != nil {
		return k, ok, err
	}
	k = fhir.Key{Type: "ClaimResponse", ID: ref}
	there, err := r.ReadMany([]fhir.Key{k})
	return k, len(there) == 1, err
}

// agreed marks the lines whose service a preauthorization agrees to.
func (f *Facts) agreed(r fhir.Reader, response fhir.Node, admitted time.Time, g *Claim) error {
	if response.Get("use").Text() != "preauthorization" || response.Get("status").Text() != "active" || response.Get("outcome").Text() == "error" {
		return nil
	}
	who, ok, err := f.resolve(r, response, response.Get("patient"), "Patient")
	if err != nil || !ok || who != g.Patient && !slices.Contains(g.Merged, who) {
		return err
	}
	request, ok, err := f.resolve(r, response, response.Get("request"), "Claim")
	if err != nil || !ok {
		return err
	}
	asked, err := readAll(r, []fhir.Key{request})
	if err != nil {
		return err
	}
	days := terms.Period(response.Get("preAuthPeriod"))
	services := servicesAgreed(asked[request].node, response)
	after := askedAfter(asked[request].node, response, admitted)
	for i := range g.Case.Lines {
		l := &g.Case.Lines[i]
		if !days.Contains(l.Served) || !slices.Contains(services, l.Service) {
			continue
		}
		if !l.Authorised || after < l.AskedAfter {
			l.AskedAfter = after
		}
		l.Authorised = true
		if !slices.Contains(g.Authorised, request) {
			g.Authorised = append(g.Authorised, request)
		}
	}
	return nil
}

// admission gives when care began, by the Claim. A day without a time counts to
// its end, for the patient may have come then.
func admission(claim fhir.Node) (time.Time, bool) {
	begin := claim.At("billablePeriod", "start")
	if !begin.Exists() {
		item := claim.Get("item").First()
		if begin = item.At("servicedPeriod", "start"); !begin.Exists() {
			begin = item.Get("servicedDate")
		}
	}
	d, err := fhir.ParseDateTime(begin.Text())
	if err != nil {
		return time.Time{}, false
	}
	if len(begin.Text()) > terms.DateLength {
		return d.First, true
	}
	return d.Interval(time.UTC).To, true
}

// askedAfter gives the minutes from admission to when a preauthorization was
// asked: as the request tells to the minute, else when it was answered.
func askedAfter(request, response fhir.Node, admitted time.Time) int {
	made := request.Get("created").Text()
	if len(made) <= terms.DateLength {
		made = response.Get("created").Text()
	}
	asked, err := fhir.ParseDateTime(made)
	if err != nil || admitted.IsZero() {
		return 0
	}
	return int(math.Ceil(asked.First.Sub(admitted).Minutes()))
}

// servicesAgreed gives the services of a request of which the answer finds
// something eligible.
func servicesAgreed(request, response fhir.Node) []adjudication.Code {
	paid := map[string]bool{}
	for item := range response.Get("item").Each() {
		for a := range item.Get("adjudication").Each() {
			value, ok := terms.Amount(a.At("amount", "value"))
			if ok && value > 0 && terms.CodeOf(a.Get("category"), SystemAdjudicationHL7) == "eligible" {
				paid[item.Get("itemSequence").Text()] = true
			}
		}
	}
	var services []adjudication.Code
	for item := range request.Get("item").Each() {
		if paid[item.Get("sequence").Text()] {
			services = append(services, terms.Codings(item.Get("productOrService"))...)
		}
	}
	return services
}
