package facts

import (
	"slices"
	"strings"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// What only some products ask of a claim: the groups its patient belongs to, where
// he is registered, that he was there. Nothing is read of the store for a product
// that does not ask.

// asked adds what the products of a Case ask to what every claim tells.
func (f *Facts) asked(r fhir.Reader, n fhir.Node, p parties, members []Membership, c *adjudication.Case) error {
	c.Patient.Pregnant, c.Patient.Expects = informed(n, "pregnancy", "timingDate")
	own := groupsOf(p.scene.patient.node, c)
	presence, gated := false, false
	for i := range c.Policies {
		policy := &c.Policies[i]
		policy.Groups = append(own[:len(own):len(own)], groupsOf(members[i].Node, c)...)
		if policy.Plan == nil {
			continue
		}
		for _, g := range policy.Plan.Groups {
			if g.Has(c.Patient, c.Treatment.To) || g.Holds != nil && g.Holds(n, p.scene.patient.node, members[i].Node, c.Treatment.To) {
				policy.Groups = append(policy.Groups, g.Name)
			}
		}
		presence = presence || policy.Plan.Presence
		if len(policy.Plan.Capitated) > 0 && c.Facility.Levels == nil {
			c.Facility.Levels = levels(p.scene.organization.node)
		}
		gated = gated || policy.Plan.Gated
		if err := f.family(r, policy, c.Treatment.To); err != nil {
			return err
		}
	}
	if gated {
		if err := f.gate(r, n, p, c); err != nil {
			return err
		}
	}
	if !presence || !c.Posts {
		return nil
	}
	return f.proven(r, n, p, c)
}

// pregnant is the group whose period tells when a pregnancy began.
const pregnant = profiles.SystemPatientGroup + "|pregnant"

// groupsOf gives the groups that a Patient or Coverage is said to belong to on the
// last day of treatment.
func groupsOf(n fhir.Node, c *adjudication.Case) []string {
	var names []string
	for _, e := range terms.Extensions(n, profiles.ExtensionPatientGroup) {
		when := terms.Extension(e, "period").Get("valuePeriod")
		on := adjudication.Period{From: c.Treatment.To, To: c.Treatment.To}
		if !terms.Period(when).Contains(on) {
			continue
		}
		for _, code := range terms.Codings(terms.Extension(e, "group").Get("valueCoding")) {
			names = append(names, code.String())
			began, known := terms.FirstDay(when.Get("start"))
			if code.String() == pregnant && known && !c.Patient.Expects {
				c.Patient.Pregnant, c.Patient.Expects = began, true
			}
		}
	}
	return names
}

// information gives the entries of Claim.supportingInfo of a kind.
func information(claim fhir.Node, kind string) []fhir.Node {
	var found []fhir.Node
	for info := range claim.Get("supportingInfo").Each() {
		if terms.CodeOf(info.Get("category"), profiles.SystemClaimInformation) == kind {
			found = append(found, info)
		}
	}
	return found
}

// informed reads a day of Claim.supportingInfo.
func informed(claim fhir.Node, kind, element string) (adjudication.Day, bool) {
	for _, info := range information(claim, kind) {
		if day, ok := terms.FirstDay(info.Get(element)); ok {
			return day, true
		}
	}
	return 0, false
}

// levels gives the level of a facility, and that within it.
func levels(organization fhir.Node) []adjudication.Code {
	level := terms.Codings(terms.Extension(organization, profiles.ExtensionOpenIMISFacilityLevel).Get("valueCodeableConcept"))
	return append(level, terms.Codings(terms.Extension(organization, profiles.ExtensionFacilitySublevel).Get("valueCodeableConcept"))...)
}

// familyMax bounds how many memberships of one policy are counted.
const familyMax = 500

// family counts the members of a policy on a day, where a ceiling grows with them.
// A policy whose memberships are not kept has as many as its Contract names.
func (f *Facts) family(r fhir.Reader, p *adjudication.Policy, on adjudication.Day) error {
	typ, id, _ := strings.Cut(p.Account, "/")
	if !p.Plan.Grows || typ != "Contract" || !fhir.ValidID(id) {
		return nil
	}
	page, err := r.Search(&fhir.Query{Types: []string{"Coverage"}, Limit: familyMax, Where: fhir.Match{
		Param: fhir.Param{Code: "contract", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: fhir.Key{Type: typ, ID: id}},
	}})
	if err != nil || len(page.Resources) == 0 {
		return err
	}
	day := adjudication.Period{From: on, To: on}
	var persons []string
	for _, resource := range page.Resources {
		n, err := parse(resource)
		if err != nil {
			return err
		}
		person := n.At("beneficiary", "reference").Text()
		if n.Get("status").Text() == "active" && terms.Period(n.Get("period")).Contains(day) && !slices.Contains(persons, person) {
			persons = append(persons, person)
		}
	}
	p.Members = len(persons)
	return nil
}

// gate finds out what a gate asks: with which facility the patient is registered,
// and whether his referral holds.
func (f *Facts) gate(r fhir.Reader, n fhir.Node, p parties, c *adjudication.Case) error {
	if err := f.registered(r, p, c); err != nil {
		return err
	}
	k, ok, err := f.resolve(r, n, n.Get("referral"), "ServiceRequest")
	if err != nil || !ok {
		return err
	}
	found, err := readAll(r, []fhir.Key{k})
	if err != nil {
		return err
	}
	if referral, here := found[k]; here {
		holds, err := f.refers(r, referral.node, p)
		c.Referred = c.Referred && holds
		return err
	}
	return nil
}

// refers reports whether a referral holds: it is for this patient, in force, and
// not of this facility itself. One that is not kept here is taken at its word.
func (f *Facts) refers(r fhir.Reader, referral fhir.Node, p parties) (bool, error) {
	patient, ok, err := f.resolve(r, referral, referral.Get("subject"), "Patient")
	if err != nil || !ok || patient != p.patient {
		return false, err
	}
	by, _, err := f.resolve(r, referral, referral.Get("requester"), "Organization")
	status := referral.Get("status").Text()
	return (status == "active" || status == "completed") && (by.IsZero() || by != p.scene.organization.key), err
}

// registered finds out whether the patient is registered with a facility, and
// whether with this one.
func (f *Facts) registered(r fhir.Reader, p parties, c *adjudication.Case) error {
	patient := p.scene.patient.node
	for practitioner := range patient.Get("generalPractitioner").Each() {
		k, ok, err := f.resolve(r, patient, practitioner, "Organization")
		if err != nil {
			return err
		}
		c.Patient.Registered = c.Patient.Registered || ok
		c.Patient.Home = c.Patient.Home || ok && k == p.scene.organization.key
	}
	return nil
}

// codesMax bounds how many visit codes of one claim are looked at.
const codesMax = 8

// proven gathers the days on which the visit codes that the claim quotes were asked
// for: each is the id of an answer about the eligibility of its patient, to its
// facility.
func (f *Facts) proven(r fhir.Reader, claim fhir.Node, p parties, c *adjudication.Case) error {
	var keys []fhir.Key
	for _, info := range information(claim, "visit-code") {
		k := fhir.Key{Type: "CoverageEligibilityResponse", ID: info.Get("valueString").Text()}
		if fhir.ValidID(k.ID) && len(keys) < codesMax && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	for _, k := range keys {
		keys = append(keys, fhir.Key{Type: "CoverageEligibilityRequest", ID: k.ID})
	}
	found, err := readAll(r, keys)
	if err != nil {
		return err
	}
	for _, k := range keys[:len(keys)/2] {
		n, question := found[k].node, found[fhir.Key{Type: "CoverageEligibilityRequest", ID: k.ID}].node
		patient, _, err := f.resolve(r, n, n.Get("patient"), "Patient")
		if err != nil {
			return err
		}
		asker, _, err := f.resolve(r, n, n.Get("requestor"), "Organization", "Practitioner", "PractitionerRole")
		if err != nil {
			return err
		}
		here := !asker.IsZero() && (asker == p.provider || asker == p.scene.organization.key)
		if patient != p.patient || !here || n.Get("outcome").Text() != "complete" || n.Get("status").Text() != "active" {
			continue
		}
		if day, ok := f.visited(n, question); ok {
			c.Proven = append(c.Proven, day)
		}
	}
	return nil
}

// visited gives the day on which a visit code was asked for, by the scheme's clock:
// that of the answer. There is none where the question was about other days, or was
// withdrawn: who asks later, or ahead, has not seen the patient then. The answer
// tells the days, but for those of a question that said no more than when it was
// made.
func (f *Facts) visited(answer, question fhir.Node) (adjudication.Day, bool) {
	if status := question.Get("status"); status.Exists() && status.Text() != "active" {
		return 0, false
	}
	day, ok := f.day(answer.Get("created"))
	about, dated := servedOn(answer)
	if !dated && question.Exists() {
		about, dated = f.created(question)
	}
	return day, ok && (!dated || about.Contains(adjudication.Period{From: day, To: day}))
}

// diagnosed gives each line its diagnoses, where a rule goes by them.
func diagnosed(s scene, c *adjudication.Case) {
	if !c.AsksDiagnoses() {
		return
	}
	for i, item := range s.items {
		for _, concept := range s.reasons(item) {
			c.Lines[i].Diagnoses = append(c.Lines[i].Diagnoses, terms.Codings(concept)...)
		}
	}
}
