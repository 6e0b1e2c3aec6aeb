package insuranceplan_test

import (
	"strings"
	"testing"

	"bima/resources/insuranceplan"
	"bima/resources/resourcestest"
)

const plan = `{"resourceType":"InsurancePlan","id":"p","identifier":[{"system":"https://bima.example/fhir/id/product","value":"P"}],"status":"active","name":"Plan",
"ownedBy":{"reference":"Organization/s"},"administeredBy":{"reference":"Organization/s"},
"coverage":[{"type":{"text":"medical"},"benefit":[{"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"S-1"}]}}]}],
"plan":[{"specificCost":[{"category":{"text":"medical"},"benefit":[{"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/benefit","code":"all"}]},
"cost":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay-percent"}]},"value":{"value":20,"unit":"%","system":"http://unitsofmeasure.org","code":"%"}}]}]}]}]}`

// share is the only cost of the plan.
const (
	share    = `"cost":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay-percent"}]},"value":{"value":20,"unit":"%","system":"http://unitsofmeasure.org","code":"%"}`
	sharesAt = "InsurancePlan.plan[0].specificCost[0].benefit[0].cost[0].qualifiers"
)

func flat(kind string) string {
	return `"cost":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"` + kind + `"}]},"value":{"value":300,"system":"urn:iso:std:iso:4217","code":"TZS"}`
}

func qualified(system, code string) string {
	return `,"qualifiers":[{"coding":[{"system":"` + system + `","code":"` + code + `"}]}]`
}

func TestProducts(t *testing.T) {
	cases := []struct{ name, old, new, want string }{
		{"a complete product is stored", "", "", ""},
		{"nobody owns it", `"ownedBy":{"reference":"Organization/s"},`, "", "InsurancePlan.ownedBy"},
		{"nobody administers it", `"administeredBy":{"reference":"Organization/s"},`, "", "InsurancePlan.administeredBy"},
		{"a share of 120 %", `"value":20,`, `"value":120,`, "InsurancePlan.plan[0].specificCost[0].benefit[0].cost[0].value"},
		{"a share of a claim", share, share + qualified("https://bima.example/fhir/CodeSystem/limit-term", "claim"), sharesAt},
		{"a share over a policy", share, share + qualified("https://bima.example/fhir/CodeSystem/limit-term", "policy"), sharesAt},
		{"a share of a family", share, share + qualified("http://terminology.hl7.org/CodeSystem/benefit-unit", "family"), sharesAt},
		{"a share of a person", share, share + qualified("http://terminology.hl7.org/CodeSystem/benefit-unit", "individual"), ""},
		{"a maximum of shares of a claim", share, flat("copay-maximum") + qualified("https://bima.example/fhir/CodeSystem/limit-term", "claim"), sharesAt},
		{"a maximum of shares of a line", share, flat("copay-maximum"), ""},
		{"a co-payment of a claim", share, flat("copay") + qualified("https://bima.example/fhir/CodeSystem/limit-term", "claim"), ""},
		{"a co-payment of a year", share, flat("copay") + qualified("http://terminology.hl7.org/CodeSystem/benefit-term", "annual"), sharesAt},
		{"a co-payment of a family", share, flat("copay") + qualified("http://terminology.hl7.org/CodeSystem/benefit-unit", "family"), sharesAt},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := resourcestest.New(t, insuranceplan.Module())
			body := strings.Replace(plan, c.old, c.new, 1)
			if c.want == "" {
				w.Put(body)
				return
			}
			if got := w.Refused(body); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
}

func TestPlansOfOthersAreNotAskedAbout(t *testing.T) {
	w := resourcestest.New(t, insuranceplan.Module())
	w.Put(`{"resourceType":"InsurancePlan","id":"o","name":"Another's"}`)
}
