package measure

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
	"bima/profiles/indicator"
	"bima/testdata/nation"
)

// rich are resources with all that is read of them by one way or another.
var rich = []string{
	`{"resourceType":"Claim","id":"c","status":"active","use":"claim","subType":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/claim-visit-type","code":"R"},
		{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"}]},"patient":{"reference":"Patient/p"},"provider":{"reference":"Organization/o"},
		"billablePeriod":{"start":"2026-03-01","end":"2026-03-04"},"created":"2026-03-05T10:00:00+03:00","priority":{"coding":[{"code":"normal"}]},
		"diagnosis":[{"sequence":2,"diagnosisCodeableConcept":{"coding":[{"code":"x"},{"system":"http://hl7.org/fhir/sid/icd-10","code":"B50"}]}},
		{"sequence":1,"diagnosisCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"O80"}],"text":"t"}}],
		"item":[{"sequence":1,"productOrService":{"coding":[{"code":"none"},{"system":"s","code":"S-1"}]},"net":{"value":5,"currency":"TZS"}},{"sequence":12,"productOrService":{"coding":[{"code":"S-2"}]}}],
		"total":{"value":17.5,"currency":"TZS"}}`,
	`{"resourceType":"ClaimResponse","id":"r","status":"active","outcome":"partial","created":"2026-03-05","request":{"reference":"Claim/c"},"requestor":{"reference":"Organization/o"},
		"item":[{"itemSequence":1,"adjudication":[{"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adjudication","code":"submitted"}]},"amount":{"value":9,"currency":"TZS"}},
		{"category":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/adjudication","code":"approved-quantity"}]},"value":1},
		{"category":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/adjudication","code":"denied"}]},"reason":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/adjustment-reason","code":"frequency"}]},"amount":{"value":4,"currency":"TZS"}},
		{"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adjudication","code":"benefit"}]},"amount":{"value":5,"currency":"TZS"}}]}],
		"total":[{"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adjudication","code":"benefit"}]},"amount":{"value":5,"currency":"TZS"}}]}`,
	`{"resourceType":"Patient","id":"p","gender":"female","birthDate":"1990-05-17","deceasedDateTime":"2026-01-01","name":[{"family":"\u00e9"}]}`,
	`{"resourceType":"Patient","id":"p","gender":"male","birthDate":"1990-05"}`,
	`{"resourceType":"Group","id":"f","active":true,"identifier":[{"system":"https://bima.example/fhir/id/family","value":"F"}],
		"extension":[{"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/group-poverty-status","valueBoolean":false}],
		"member":[{"entity":{"reference":"Patient/p"},"inactive":true},{"entity":{"reference":"Patient/q"},"period":{"end":"2026-01-01"}}]}`,
	`{"resourceType":"Patient","id":"p","gender":"male","birthDate":"1990-05-17","address":[{"use":"old","city":"V"},{"text":"t","city":"V"}]}`,
	`{"resourceType":"Group","id":"f","active":true,"identifier":[{"system":"https://bima.example/fhir/id/family","value":"F"}],
		"extension":[{"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/group-poverty-status","valueBoolean":true},
		{"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/group-address","valueAddress":{"city":"W",
		"extension":[{"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/address-location-reference","valueReference":{"reference":"Location/v"}}]}}]}`,
	`{"resourceType":"Organization","id":"o","name":"V","address":[{"use":"old","city":"V"},{"city":"V"}]}`,
	`{"resourceType":"Organization","id":"o","address":[{"extension":[{"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/address-location-reference","valueReference":{"reference":"Location/v"}}]}]}`,
	`{"resourceType":"Coverage","id":"c","status":"active","beneficiary":{"reference":"Patient/p","display":"P"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/o"}]}`,
	`{"resourceType":"Coverage","id":"c","status":"cancelled","beneficiary":{"reference":"Patient/p"},"period":{"start":"2026-01-01","end":"2026-12-31"}}`,
	`{"resourceType":"Contract","id":"k","extension":[{"url":"https://bima.example/fhir/StructureDefinition/policy-state","valueCode":"active"},
		{"url":"https://bima.example/fhir/StructureDefinition/contract-predecessor","valueReference":{"reference":"Contract/j"}}],"status":"executed","subject":[{"reference":"Group/f"}],
		"applies":{"start":"2026-01-01","end":"2026-12-31"},"term":[{"applies":{"start":"2026-02-01","end":"2026-11-30"},"offer":{"topic":{"reference":"InsurancePlan/i"},"text":"t"}}]}`,
	`{"resourceType":"Invoice","id":"i","extension":[{"url":"https://bima.example/fhir/StructureDefinition/invoice-contract","valueReference":{"reference":"Contract/k"}},
		{"url":"https://bima.example/fhir/StructureDefinition/invoice-balance","valueMoney":{"value":3,"currency":"TZS"}}],"status":"issued","subject":{"reference":"Group/f"},
		"type":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/invoice-type","code":"contribution"}]},"totalGross":{"value":17.5,"currency":"TZS"}}`,
	`{"resourceType":"PaymentReconciliation","id":"p","extension":[{"url":"https://bima.example/fhir/StructureDefinition/payer","valueReference":{"reference":"Group/f"}},
		{"url":"https://bima.example/fhir/StructureDefinition/payment-direction","valueCode":"in"},
		{"url":"https://bima.example/fhir/StructureDefinition/payment-method","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/contract-premium-type","code":"C"}]}}],
		"status":"active","paymentDate":"2026-05-28","detail":[{"request":{"reference":"Invoice/i"},"date":"2026-05-27","amount":{"value":7,"currency":"TZS"}},
		{"payee":{"reference":"Organization/o"},"amount":{"value":8,"currency":"TZS"}},
		{"extension":[{"url":"https://bima.example/fhir/StructureDefinition/payee","valueReference":{"reference":"Group/f"}}],"amount":{"value":9,"currency":"TZS"}}]}`,
}

// What is picked of a resource is all that is read of it: what comes of it is the same
// as of the whole, also where any one member is missing.
func TestWhatIsPickedIsAllThatIsRead(t *testing.T) {
	pkg, err := indicator.New(indicator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &scheme{counter: &counter{Settings: Settings{Zone: time.FixedZone("EAT", 3*3600)}}, pkg: pkg, currency: "TZS", services: map[string]string{"S-1": "WARD", "S-2": "DRUG", "S-101": "CONSULT"}}
	seeds := newHandles()
	resides := func(typ string) func(fhir.Node) any {
		return func(n fhir.Node) any { return s.residesAlone(t, seeds, typ, n) }
	}
	readers := []struct {
		typ, what string
		pick      *fhir.Picker
		read      func(fhir.Node) any
	}{
		{"Claim", "claim", ofClaim, func(n fhir.Node) any { return s.reading().submission(n) }},
		{"ClaimResponse", "answer", ofAnswer, func(n fhir.Node) any { return s.reading().decided(n) }},
		{"Patient", "person", ofPerson, func(n fhir.Node) any { return s.person(n, "") }},
		{"Group", "family", ofFamily, func(n fhir.Node) any { return []any{isFamily(n), povertyOf(n), membersOf(n)} }},
		{"Patient", "resident", ofResident, func(n fhir.Node) any { return []any{s.person(n, ""), resides("Patient")(n)} }},
		{"Group", "household", ofHousehold, func(n fhir.Node) any { return []any{membersOf(n), resides("Group")(n)} }},
		{"Organization", "employer", ofOrganization, resides("Organization")},
		{"Coverage", "cover", ofCoverage, resides("Coverage")},
		{"Contract", "policy", ofContract, resides("Contract")},
		{"Invoice", "bill", ofInvoice, resides("Invoice")},
		{"PaymentReconciliation", "payment", ofPayment, resides("PaymentReconciliation")},
	}
	differ := map[string]int{} // how often a member that is missing makes a difference
	for _, body := range bodies(t) {
		typ := parse(t, whole, body).Get("resourceType").Text()
		for _, of := range readers {
			if of.typ != typ {
				continue
			}
			first := of.read(parse(t, whole, body))
			for _, one := range append(without(t, body), body) {
				want, got := of.read(parse(t, whole, one)), of.read(parse(t, of.pick, one))
				if !reflect.DeepEqual(want, got) {
					t.Fatalf("%s: read %+v of the whole and %+v of what is picked", one, want, got)
				}
				if !reflect.DeepEqual(first, want) {
					differ[of.what]++
				}
			}
		}
	}
	for _, of := range readers {
		if differ[of.what] < 4 {
			t.Errorf("only %d members of a %s make a difference", differ[of.what], of.what)
		}
	}
}

// residesAlone reads one resource into a residence where whoever it refers to lives,
// and gives what that comes to.
func (s *scheme) residesAlone(t *testing.T, seeds *handles, typ string, n fhir.Node) any {
	t.Helper()
	village := fhir.Key{Type: "Location", ID: "v"}
	alone := *s
	alone.tree = &tree{places: map[fhir.Key]place{village: {key: village, name: "V", level: "V"}}, named: map[string][]fhir.Key{"V": {village}}}
	h, books := alone.residence(map[unit][]month{{setEnrol, village}: {monthOf(20_602)}, {setFin, village}: {monthOf(20_602)}})
	h.handles, h.people.handles = seeds, seeds
	one := stored{&fhir.Resource{Key: fhir.Key{Type: typ, ID: "x"}, Version: 1, Updated: time.Unix(1_800_000_000, 0)}, n}
	home := func(reference fhir.Node) { h.living[h.of(r4.Target(reference))] = resident{} }
	var err error
	switch typ {
	case "Coverage":
		home(n.Get("beneficiary"))
		err = h.coverage(nil, one)
	case "Contract":
		home(n.Get("subject").First())
		err = h.contract(nil, one, false)
	case "Invoice":
		home(n.Get("subject"))
		h.invoice(one)
	case "PaymentReconciliation":
		home(n.Extension(profiles.ExtensionPayer).Get("valueReference"))
		for d := range n.Get("detail").Each() {
			home(d.Get("payee"))
			h.bills[h.of(r4.Target(d.Get("request")))] = bill{holder: h.of(key(n, profiles.ExtensionPayer))}
		}
		err = h.payment(nil, one)
	default:
		err = h.lives(nil, one)
	}
	h.count()
	return []any{h.living, h.covers, h.held, h.bills, h.lacking, books, errors.Is(err, errLater)}
}

func parse(t *testing.T, pick *fhir.Picker, body []byte) fhir.Node {
	t.Helper()
	doc, err := pick.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

// bodies gives the rich resources, R4's examples and some of a drawn nation.
func bodies(t *testing.T) (list [][]byte) {
	t.Helper()
	for _, text := range rich {
		list = append(list, []byte(text))
	}
	files, err := filepath.Glob("../../testdata/examples/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, body)
	}
	drawn := map[string]int{}
	err = nation.Generate(nation.Options{Persons: 60, Seed: 3}, func(typ string, line []byte) error {
		if drawn[typ]++; drawn[typ] < 5 {
			list = append(list, slices.Clone(line))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// without gives a resource as often as it has members, each time without another.
func without(t *testing.T, body []byte) (list [][]byte) {
	t.Helper()
	var whole any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&whole); err != nil {
		t.Fatal(err)
	}
	var leave func(v any)
	leave = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				leave(one)
			}
		case map[string]any:
			for name, member := range v {
				delete(v, name)
				text, err := json.Marshal(whole)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, text)
				v[name] = member
				leave(member)
			}
		}
	}
	leave(whole)
	return list
}
