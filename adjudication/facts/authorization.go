package facts

import (
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// authorizationsMax bounds how many preauthorizations of one claim are looked at.
const authorizationsMax = 20

// authorise marks the lines of a Claim that the scheme agreed to beforehand: for
// the same person, in a preauthorization that the Claim names and that did not
// refuse them, and for the days that it holds.
func (f *Facts) authorise(r fhir.Reader, claim fhir.Node, patient fhir.Key, c *adjudication.Case) error {
	var responses []fhir.Key
	for insurance := range claim.Get("insurance").Each() {
		for ref := range insurance.Get("preAuthRef").Each() {
			k, ok, err := authorization(r, ref.Text())
			if err != nil {
				return err
			}
			if ok && len(responses) < authorizationsMax {
				responses = append(responses, k)
			}
		}
	}
	found, err := readAll(r, responses)
	if err != nil {
		return err
	}
	for _, response := range found {
		if err := f.agreed(r, response.node, patient, c); err != nil {
			return err
		}
	}
	return nil
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
func (f *Facts) agreed(r fhir.Reader, response fhir.Node, patient fhir.Key, c *adjudication.Case) error {
	if response.Get("use").Text() != "preauthorization" || response.Get("status").Text() != "active" || response.Get("outcome").Text() == "error" {
		return nil
	}
	who, ok, err := f.resolve(r, response, response.Get("patient"), "Patient")
	if err != nil || !ok || who != patient {
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
	days := period(response.Get("preAuthPeriod"))
	services := servicesAgreed(asked[request].node, response)
	for i := range c.Lines {
		l := &c.Lines[i]
		l.Authorised = l.Authorised || days.Contains(l.Served) && slices.Contains(services, l.Service)
	}
	return nil
}

// servicesAgreed gives the services of a request of which the answer finds
// something eligible.
func servicesAgreed(request, response fhir.Node) []adjudication.Code {
	paid := map[string]bool{}
	for item := range response.Get("item").Each() {
		for a := range item.Get("adjudication").Each() {
			value, ok := amount(a.At("amount", "value"))
			if ok && value > 0 && codeOf(a.Get("category"), SystemAdjudicationHL7) == "eligible" {
				paid[item.Get("itemSequence").Text()] = true
			}
		}
	}
	var services []adjudication.Code
	for item := range request.Get("item").Each() {
		if paid[item.Get("sequence").Text()] {
			services = append(services, codings(item.Get("productOrService"))...)
		}
	}
	return services
}
