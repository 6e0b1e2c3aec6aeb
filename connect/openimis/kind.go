package openimis

import (
	"net/url"

	"bima/connect/dialect"
	"bima/profiles"
)

const (
	hl7           = "http://terminology.hl7.org/CodeSystem/"
	structure     = profiles.OpenIMIS + "/StructureDefinition/"
	systemNames   = profiles.OpenIMIS + "/CodeSystem/openimis-identifiers"
	systemMarital = "http://hl7.org/fhir/valueset-marital-status.html"
	systemICD     = "http://hl7.org/fhir/sid/icd-10"
)

// A kind is a type of resource as openIMIS has it.
type kind struct {
	typ      string   // of R4, where it is another one
	codes    []string // the systems in which its code is, the first being that of new ones
	criteria string   // of every search
	include  string   // what is fetched along
	// params reads parameters of its own: it takes them from the one and adds what
	// they are in R4 to the other.
	params func(from, to url.Values)
	// spell says the resource in openIMIS's words.
	spell func(p page, o dialect.Object)
}

// kinds are the types that are more than R4 with openIMIS's identifiers.
var kinds = map[string]kind{
	"Patient": {
		codes: []string{profiles.IdentifierInsuranceNumber}, include: "_revinclude=Group:member",
		params: patientParams, spell: spellPatient,
	},
	"Group":    {codes: []string{profiles.IdentifierFamily}},
	"Coverage": {codes: []string{profiles.IdentifierMembership}, spell: spellCoverage},
	"Contract": {codes: []string{profiles.IdentifierPolicy}},
	"Claim":    {codes: claimCodes, spell: spellClaim, params: claimParams},
	"ClaimResponse": {
		codes: []string{profiles.IdentifierClaimResponse}, include: "_include=ClaimResponse:request",
		params: claimParams, spell: spellResponse,
	},
	"InsurancePlan": {codes: []string{profiles.IdentifierProduct}},
	"Location": {
		codes: []string{profiles.IdentifierLocation, profiles.IdentifierFacility}, params: locationParams, spell: spellLocation,
	},
	"Organization": {codes: []string{profiles.IdentifierFacility}, params: organizationParams},
	"Practitioner": {
		codes:  []string{profiles.IdentifierPractitioner},
		params: practitionerParams, spell: spellPractitioner,
		include: "_revinclude=PractitionerRole:practitioner&_include:iterate=PractitionerRole:organization",
	},
	"Medication": {
		typ: "ChargeItemDefinition", codes: []string{profiles.SystemService}, criteria: "context-type:not=workflow", spell: spellMedication,
	},
	"ActivityDefinition": {
		typ: "ChargeItemDefinition", codes: []string{profiles.SystemService}, criteria: "context-type=workflow", spell: spellActivity,
	},
	"Invoice":      {codes: []string{profiles.IdentifierInvoice}, params: invoiceParams},
	"Subscription": {spell: spellSubscription},
}

// claimCodes are the systems in which a claim may have its code.
var claimCodes = []string{profiles.IdentifierClaim, profiles.IdentifierPeerClaim}

// stored gives the R4 type behind one of openIMIS's.
func stored(typ string) string {
	if k := kinds[typ]; k.typ != "" {
		return k.typ
	}
	return typ
}

// move renames a parameter, and puts something before its values.
func move(from, to url.Values, name, as, before string) {
	for _, value := range from[name] {
		to.Add(as, before+value)
	}
	from.Del(name)
}

func patientParams(from, to url.Values) {
	move(from, to, "claimDateFrom", "_has:Claim:patient:created", "ge")
}

// claimParams takes patient as a uuid alone, as openIMIS does, and as a reference,
// as CHT does.
func claimParams(from, to url.Values) {
	for _, value := range from["patient"] {
		to.Add("patient", "Patient/"+lastPart(value))
	}
	from.Del("patient")
	from.Del("contained")
}

func locationParams(from, to url.Values) {
	for _, value := range from["physicalType"] {
		if value == "si" {
			to.Add("identifier", profiles.IdentifierFacility+"|")
			continue
		}
		to.Add("type", profiles.SystemOpenIMISLocation+"|"+value)
	}
	from.Del("physicalType")
}

func organizationParams(from, to url.Values) {
	move(from, to, "resourceType", "type", hl7+"organization-type|")
}

func practitionerParams(from, to url.Values) {
	for _, value := range from["resourceType"] {
		switch value {
		case "ca", "CA":
			value = "CA"
		default:
			value = "EO"
		}
		to.Add("_has:PractitionerRole:practitioner:role", profiles.SystemOpenIMISPractitioner+"|"+value)
	}
	from.Del("resourceType")
}

// invoiceParams takes what is asked of openIMIS's invoices and bills: these are
// told apart by who is to pay.
func invoiceParams(from, to url.Values) {
	for _, value := range from["resourceType"] {
		switch value {
		case "bill":
			to.Add("recipient:Organization.identifier", profiles.IdentifierFacility+"|")
		case "invoice":
			to.Add("type", profiles.SystemOpenIMISInvoiceType+"|contribution,"+profiles.SystemOpenIMISInvoiceType+"|contract")
		}
	}
	from.Del("resourceType")
}
