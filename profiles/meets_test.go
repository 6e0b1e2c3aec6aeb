package profiles_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"bima/adjudication/learned"
	"bima/fhir"
	"bima/fhir/profile"
	"bima/fhir/validate"
	"bima/profiles"
	"bima/resources/cash"
	"bima/resources/chargeitem"
	"bima/resources/claim"
	"bima/resources/coverage"
	"bima/resources/eligibility"
	"bima/resources/employer"
	"bima/resources/group"
	"bima/resources/insuranceplan"
	"bima/resources/invoice"
	"bima/resources/patient"
	"bima/resources/payment"
	"bima/resources/receipt"
	"bima/resources/resourcestest"
	"bima/testdata/scheme"
)

// profileOf gives the profile that a resource of the scheme should meet, "" for
// those that none is meant for.
func profileOf(n fhir.Node) string {
	kind := ""
	for t := range n.Get("type").Each() {
		kind += t.Code("http://terminology.hl7.org/CodeSystem/organization-type")
	}
	switch typ := n.Get("resourceType").Text(); typ {
	case "Organization":
		if n.Identifier(profiles.IdentifierEmployer) != "" {
			return profiles.ProfileEmployer
		}
		return map[string]string{"prov": profiles.ProfileFacility, "ins": profiles.ProfileInsurer}[kind]
	default:
		switch {
		case typ == "Group" && n.Get("code").Code(profiles.SystemGroupKind) != "":
			return profiles.ProfileEmployees
		case typ == "Contract" && n.Get("type").Code(profiles.SystemContractKind) != "":
			return profiles.ProfileEmployerContract
		}
		return map[string]string{
			"Patient": profiles.ProfilePatient, "Group": profiles.ProfileGroup, "Contract": profiles.ProfileContract, "Coverage": profiles.ProfileCoverage,
			"InsurancePlan": profiles.ProfileInsurancePlan, "ChargeItemDefinition": profiles.ProfileChargeItemDefinition, "Claim": profiles.ProfileClaim,
			"ClaimResponse": profiles.ProfileClaimResponse, "ExplanationOfBenefit": profiles.ProfileExplanationOfBenefit, "CoverageEligibilityRequest": profiles.ProfileCoverageEligibilityRequest,
			"CoverageEligibilityResponse": profiles.ProfileCoverageEligibilityResponse, "PaymentNotice": profiles.ProfilePaymentNotice,
			"PaymentReconciliation": profiles.ProfilePaymentReconciliation, "Invoice": profiles.ProfileInvoice, "Location": profiles.ProfileLocation, "PractitionerRole": profiles.ProfileWorker,
			"Library": profiles.ProfileClaimModel, "DocumentReference": profiles.ProfileReceipt, "SupplyDelivery": profiles.ProfileReceiptBook,
		}[typ]
	}
}

// made gives what the demo scheme holds and what the server makes of it: claims
// decided, contributions settled, eligibility answered.
func made(t *testing.T) []fhir.Node {
	t.Helper()
	w := resourcestest.New(t, patient.Module(), group.Module(), coverage.Module(), insuranceplan.Module(), chargeitem.Module(),
		invoice.Module(invoice.Settings{}), payment.Module(payment.Settings{}), receipt.Module(receipt.Settings{}), cash.Module(), employer.Module(employer.Settings{}), claim.Module(resourcestest.Base), eligibility.Module(resourcestest.Base))
	for _, f := range scheme.Files() {
		if err := w.Bundle(f.Body); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	for _, about := range []string{
		`"purpose":["validation","benefits"],"patient":{"reference":"Patient/patient-01-1"},"item":[{"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"S-310"}]}}]`,
		`"purpose":["benefits"],"patient":{"reference":"Patient/patient-12-1"}`,
		`"purpose":["validation"],"patient":{"identifier":{"system":"https://bima.example/fhir/id/insurance-number","value":"nobody"}}`,
	} {
		question := `{"resourceType":"CoverageEligibilityRequest","status":"active","created":"2026-03-10","servicedDate":"2026-03-10","insurer":{"reference":"Organization/scheme"},` + about + `}`
		if _, err := w.Engine.Call(w.Context(), "submit", fhir.Key{Type: "CoverageEligibilityRequest"}, "", []byte(question), false); err != nil {
			t.Fatal(err)
		}
	}
	collect(t, w)
	explain(t, w)
	list := all(t, w, nil)
	employ(t, w)
	return append(list, all(t, w, list)...)
}

// explain tells the members what was decided.
func explain(t *testing.T, w *resourcestest.World) {
	t.Helper()
	for _, worker := range claim.Module(resourcestest.Base).Workers {
		if worker.Kind == "claim.explain" {
			if err := worker.Work(w.Context(), w.Engine, []byte(`{"since":"2020-01-01T00:00:00Z"}`)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// all gives the resources of the types that profiles are for, but those that are
// known already.
func all(t *testing.T, w *resourcestest.World, known []fhir.Node) (list []fhir.Node) {
	t.Helper()
	had := map[string]bool{}
	for _, n := range known {
		had[n.Get("resourceType").Text()+n.Get("id").Text()] = true
	}
	for _, typ := range []string{
		"Patient", "Group", "Organization", "Location", "Contract", "Coverage", "InsurancePlan", "ChargeItemDefinition", "Claim", "ClaimResponse",
		"Invoice", "PaymentNotice", "PaymentReconciliation", "CoverageEligibilityRequest", "CoverageEligibilityResponse", "PractitionerRole",
		"DocumentReference", "SupplyDelivery", "ExplanationOfBenefit",
	} {
		found := w.Search(typ, "_count=1000")
		if len(found) == 0 {
			t.Fatalf("there is no %s", typ)
		}
		for _, n := range found {
			if !had[typ+n.Get("id").Text()] {
				list = append(list, n)
			}
		}
	}
	return list
}

// collect lets an officer with a receipt book take money ahead and bring a part of
// it to the bank, and gives out a receipt.
func collect(t *testing.T, w *resourcestest.World) {
	t.Helper()
	role := w.Search("PractitionerRole", "_count=1")[0].Get("id").Text()
	family := w.Search("Group", "_count=1")[0].Get("id").Text()
	const ext = profiles.Canonical + "/StructureDefinition/"
	w.Put(`{"resourceType":"SupplyDelivery","id":"book","status":"in-progress","receiver":[{"reference":"PractitionerRole/`+role+`"}],"extension":[{"url":"`+ext+`receipt-book","extension":[
		{"url":"series","valueString":"KIL-"},{"url":"first","valuePositiveInt":1},{"url":"last","valuePositiveInt":100}]}]}`,
		`{"resourceType":"PaymentNotice","id":"ahead","identifier":[{"system":"`+profiles.IdentifierReceipt+`","value":"KIL-001"}],"status":"active","extension":[{"url":"`+ext+`payer","valueReference":{"reference":"Group/`+family+`"}}],
		"created":"2026-03-10","paymentDate":"2026-03-10","provider":{"reference":"PractitionerRole/`+role+`"},"payment":{"display":"cash"},"recipient":{"reference":"Organization/scheme"},"amount":{"value":5000,"currency":"TZS"}}`)
	w.Put(`{"resourceType":"PaymentReconciliation","id":"deposit","extension":[{"url":"` + ext + `payment-direction","valueCode":"deposit"}],"status":"active","created":"2026-03-11","paymentDate":"2026-03-11",
		"requestor":{"reference":"PractitionerRole/` + role + `"},"paymentIdentifier":{"system":"urn:bank","value":"S-1"},"paymentAmount":{"value":4000,"currency":"TZS"}}`)
	if _, err := w.Engine.Call(w.Context(), "receipt", fhir.Key{Type: "PaymentNotice", ID: "ahead"}, "", nil, false); err != nil {
		t.Fatal(err)
	}
}

// employ lets an employer insure two persons of the scheme, and pay for a month.
func employ(t *testing.T, w *resourcestest.World) {
	t.Helper()
	const ext = profiles.Canonical + "/StructureDefinition/"
	w.Put(`{"resourceType":"Organization","id":"mill","name":"Mill","identifier":[{"system":"`+profiles.IdentifierEmployer+`","value":"E-1"}],"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"bus"}]}]}`,
		`{"resourceType":"InsurancePlan","id":"works","identifier":[{"system":"`+profiles.IdentifierProduct+`","value":"WORKS"},{"system":"`+profiles.IdentifierProductVersion+`","value":"WORKS|1"}],"name":"Works","status":"active","type":[{"coding":[{"system":"`+profiles.SystemProductKind+`","code":"employer"}]}],
			"period":{"start":"2025-01-01"},"ownedBy":{"reference":"Organization/scheme"},"administeredBy":{"reference":"Organization/scheme"},
			"coverage":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]},"benefit":[{"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"S-310"}]}}]}],"plan":[{"identifier":[{"system":"`+profiles.IdentifierProductPlan+`","value":"A"}],"extension":[{"url":"`+ext+`employment-contribution","extension":[{"url":"employee","valueDecimal":3},{"url":"employer","valueMoney":{"value":1000,"currency":"TZS"}}]}]}]}`,
		`{"resourceType":"Group","id":"staff","type":"person","actual":true,"code":{"coding":[{"system":"`+profiles.SystemGroupKind+`","code":"employees"}]},"managingEntity":{"reference":"Organization/mill"},"member":[{"entity":{"reference":"Patient/patient-01-1"}}]}`,
		`{"resourceType":"Contract","id":"works","extension":[{"url":"`+ext+`policy-state","valueCode":"draft"},{"url":"`+ext+`employer-terms","extension":[{"url":"cover","valueCode":"declared"},{"url":"due","valueUnsignedInt":5}]}],"identifier":[{"system":"`+profiles.IdentifierPolicy+`","value":"EC-1"}],"status":"negotiable","applies":{"start":"2025-01-01","end":"2025-12-31"},
			"subject":[{"reference":"Organization/mill"}],"authority":[{"reference":"Organization/scheme"}],"type":{"coding":[{"system":"`+profiles.SystemContractKind+`","code":"employer"}]},"term":[{"identifier":{"system":"`+profiles.IdentifierProductPlan+`","value":"A"},"offer":{"topic":{"reference":"InsurancePlan/works"}}}]}`)
	number := w.Get("Patient/patient-01-1").Identifier(profiles.IdentifierInsuranceNumber)
	table := base64.StdEncoding.EncodeToString([]byte("insurance_number,income,employee_number\n" + number + ",250000,7\n"))
	for _, step := range []struct{ code, parameters string }{
		{"submit", ""},
		{"counter", `{"name":"reason","valueString":"more"}`},
		{"submit", ""},
		{"approve", ""},
		{"declare", `{"name":"period","valueDate":"2025-01"},{"name":"table","valueBase64Binary":"` + table + `"}`},
	} {
		body := `{"resourceType":"Parameters","parameter":[` + step.parameters + `]}`
		if step.parameters == "" {
			body = ""
		}
		if _, err := w.Engine.Call(w.Context(), step.code, fhir.Key{Type: "Contract", ID: "works"}, "", []byte(body), false); err != nil {
			t.Fatalf("$%s: %v", step.code, err)
		}
	}
}

// A judge is our validator and a JSON Schema made of the same profile.
type judge struct {
	set     *profile.Set
	schemas map[string]*jsonschema.Schema
}

func newJudge(t *testing.T) *judge {
	t.Helper()
	set, issues := profile.New(profile.Options{}, profiles.Definitions()...)
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	return &judge{set, map[string]*jsonschema.Schema{}}
}

// schema gives the JSON Schema of a profile, compiled by another implementation.
func (j *judge) schema(t *testing.T, url string) *jsonschema.Schema {
	t.Helper()
	if s := j.schemas[url]; s != nil {
		return s
	}
	text, err := j.set.JSONSchema(url)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	if err := c.AddResource("schema.json", bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	j.schemas[url] = s
	return s
}

// refuses reports whether the schema refuses a resource.
func (j *judge) refuses(t *testing.T, url string, body []byte) error {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return j.schema(t, url).Validate(v)
}

// learnedModel is a model as bima learn stores it.
func learnedModel(t *testing.T) fhir.Node {
	t.Helper()
	library, err := (&learned.Lesson{Model: &learned.Model{Format: 1}}).Library(time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := fhir.Parse(library.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

func TestWhatTheServerMakesMeetsItsProfiles(t *testing.T) {
	j := newJudge(t)
	tried := map[string]bool{}
	for _, n := range append(made(t), learnedModel(t)) {
		url, name := profileOf(n), n.Get("resourceType").Text()+"/"+n.Get("id").Text()
		if url == "" {
			continue
		}
		tried[url] = true
		issues, known := j.set.Check(n, url)
		if !known {
			t.Fatalf("%s is not known", url)
		}
		for _, i := range issues {
			t.Errorf("%s: %s %s", name, i.Severity, i)
		}
		if err := j.refuses(t, url, n.Raw()); err != nil {
			t.Errorf("%s: the JSON Schema refuses it: %#v", name, err)
		}
	}
	for _, url := range j.set.Profiles("") {
		if !tried[url] {
			t.Errorf("nothing was held against %s", url)
		}
	}
}

// A mutant is a resource of the scheme with one change that its profile refuses.
type mutant struct {
	typ    string
	at     string // where to change: "identifier.0.system"
	to     string // JSON; "" to take it away
	path   string // where the finding is; "" where the profile has none, as R4 itself may
	schema bool   // whether the JSON Schema can see it too
}

var mutants = []mutant{
	{"Patient", "identifier.0.system", `"http://else.example"`, "Patient.identifier", true},
	{"Patient", "identifier.0.value", "", "Patient.identifier[0].value", true},
	{"Patient", "birthDate", "", "Patient.birthDate", true},
	{"Patient", "gender", "", "Patient.gender", true},
	{"Patient", "name", "", "Patient.name", true},
	{"Group", "type", `"animal"`, "Group.type", true},
	{"Group", "actual", `false`, "Group.actual", true},
	{"Group", "member", "", "Group.member", true},
	{"Group", "member.0.entity.reference", `"Device/1"`, "Group.member[0].entity", true},
	{"Group", "member.0.extension.0.valueBoolean", "", "Group.member[0].extension[0].value", true},
	{"Group", "member.1.extension.0", `{"url":"https://bima.example/fhir/StructureDefinition/group-head","valueBoolean":true}`, "Group", false},
	{"Group", "member.1.extension.0", `{"url":"https://bima.example/fhir/StructureDefinition/policy-state","valueCode":"active"}`, "Group.member[1].extension[0]", false},
	{"Coverage", "extension.1", `{"url":"http://else.example/e","valueCode":"x"}`, "Coverage.extension", true},
	{"Coverage", "extension.1.valueCode", `"unheard"`, "Coverage.extension[1].value", true},
	{"Coverage", "status", `"entered-in-error"`, "", false},
	{"Coverage", "status", `"cancelled"`, "Coverage", false},
	{"Coverage", "period.start", "", "Coverage.period.start", true},
	{"Coverage", "beneficiary.reference", `"Group/1"`, "", true},
	{"Coverage", "class.1.type.coding.0.code", `"plan"`, "Coverage.class", true},
	{"Contract", "status", `"offered"`, "Contract", false},
	{"Contract", "term.0.applies", "", "Contract.term[0].applies", true},
	{"Contract", "term.0.offer.topic", `{"reference":"Patient/1"}`, "Contract.term[0].offer.topic", true},
	{"InsurancePlan", "ownedBy", "", "InsurancePlan.ownedBy", true},
	{"InsurancePlan", "plan", "", "InsurancePlan.plan", true},
	{"InsurancePlan", "coverage.0.benefit.0.limit.0.code", "", "InsurancePlan.coverage[0].benefit[0].limit[0].code", true},
	{"InsurancePlan", "plan.0.specificCost.0.benefit.0.cost.0.value.value", `-1`, "InsurancePlan.plan[0].specificCost[0].benefit[0].cost[0].value", false},
	{"ChargeItemDefinition", "code", "", "ChargeItemDefinition.code", true},
	{"ChargeItemDefinition", "propertyGroup.0.applicability", "", "ChargeItemDefinition.propertyGroup[0]", false},
	{"ChargeItemDefinition", "propertyGroup.1.priceComponent.0.amount.currency", "", "ChargeItemDefinition.propertyGroup[1].priceComponent[0].amount.currency", true},
	{"Claim", "identifier.0.system", `"http://else.example"`, "Claim.identifier", true},
	{"Claim", "insurer", "", "Claim.insurer", true},
	{"Claim", "provider.reference", `"Practitioner/1"`, "Claim.provider", true},
	{"Claim", "insurance.0.focal", `false`, "Claim", false},
	{"Claim", "item", "", "Claim.item", true},
	{"Claim", "item.0.unitPrice.currency", `"KES"`, "Claim", false},
	{"Claim", "item.0.quantity.value", "", "Claim.item[0].quantity.value", true},
	{"ClaimResponse", "item.0.adjudication.0.category.coding.0.code", `"eligible"`, "ClaimResponse.item[0].adjudication", true},
	{"ClaimResponse", "item.0.adjudication.0.amount", "", "ClaimResponse.item[0].adjudication[0].amount", true},
	{"ClaimResponse", "outcome", `"error"`, "ClaimResponse", false},
	{"ClaimResponse", "request", "", "ClaimResponse.request", true},
	{"CoverageEligibilityRequest", "patient.reference", `"Group/1"`, "", true},
	{"CoverageEligibilityRequest", "item.0.productOrService", `{"text":"x"}`, "CoverageEligibilityRequest.item[0].productOrService.coding", true},
	{"CoverageEligibilityResponse", "error", "", "CoverageEligibilityResponse", false},
	{"PaymentNotice", "request.reference", `"Claim/1"`, "PaymentNotice.request", true},
	{"PaymentNotice", "paymentDate", "", "PaymentNotice.paymentDate", true},
	{"SupplyDelivery", "receiver", "", "SupplyDelivery.receiver", true},
	{"DocumentReference", "identifier", "", "DocumentReference.identifier", true},
	{"DocumentReference", "content.0.attachment.language", "", "DocumentReference.content[0].attachment.language", true},
	{"PaymentReconciliation", "extension", "", "PaymentReconciliation.extension", true},
	{"PaymentReconciliation", "detail.0.amount.currency", `"KES"`, "PaymentReconciliation", false},
	{"Invoice", "totalGross", "", "Invoice.totalGross", true},
	{"Invoice", "extension.1.valueDate", `"2026-01"`, "", false},
	{"Invoice", "extension.1", `{"url":"https://bima.example/fhir/StructureDefinition/invoice-due","valueString":"soon"}`, "Invoice.extension[1].value", true},
	{"Organization", "type.0.coding.0.code", `"prov "`, "", false},
	{"Location", "name", "", "Location.name", true},
	{"Location", "identifier.0.value", "", "Location.identifier[0].value", true},
}

func TestMutantsAreRefusedWithTheirPath(t *testing.T) {
	j := newJudge(t)
	list := made(t)
	for _, m := range mutants {
		i := slices.IndexFunc(list, func(n fhir.Node) bool { return n.Get("resourceType").Text() == m.typ && reaches(n, m.at) })
		if i < 0 {
			t.Errorf("no %s has %s", m.typ, m.at)
			continue
		}
		url, body := profileOf(list[i]), mutate(t, list[i].Raw(), m.at, m.to)
		if url == "" {
			continue
		}
		doc, base := validate.Resource(body, validate.Options{})
		issues, _ := j.set.Check(doc.Root(), url)
		refusal := j.refuses(t, url, body)
		name := m.typ + "." + m.at + " = " + m.to
		if !fhir.Failed(issues) && !fhir.Failed(base) && refusal != nil {
			t.Errorf("%s: the JSON Schema refuses what we accept: %#v", name, refusal)
		}
		if m.schema && refusal == nil {
			t.Errorf("%s: the JSON Schema accepts it", name)
		}
		at := func(i fhir.Issue) bool { return i.Expression == m.path && i.Severity == fhir.SeverityError }
		if m.path != "" && !slices.ContainsFunc(issues, at) {
			t.Errorf("%s: found %v, want an error at %s", name, issues, m.path)
		}
	}
}

// reaches reports whether a resource has what a path of members and indexes leads to.
func reaches(n fhir.Node, at string) bool {
	for part := range strings.SplitSeq(at, ".") {
		if i, err := strconv.Atoi(part); err == nil {
			n = n.First()
			for ; i > 0; i-- {
				n = n.Next()
			}
			continue
		}
		n = n.Get(part)
	}
	return n.Exists()
}

// mutate changes one value of a resource, or takes it away.
func mutate(t *testing.T, body []byte, at, to string) []byte {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(at, ".")
	holder := v
	for _, part := range parts[:len(parts)-1] {
		if i, err := strconv.Atoi(part); err == nil {
			holder = holder.([]any)[i]
		} else {
			holder = holder.(map[string]any)[part]
		}
	}
	last := parts[len(parts)-1]
	if i, err := strconv.Atoi(last); err == nil {
		holder.([]any)[i] = json.RawMessage(to)
	} else if to == "" {
		delete(holder.(map[string]any), last)
	} else {
		holder.(map[string]any)[last] = json.RawMessage(to)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
