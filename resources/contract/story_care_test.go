package contract_test

import (
	"fmt"
	"strings"

	"bima/fhir"
)

// prices are what a facility asks for care.
var prices = map[string]int{"visit": 10_000, "operation": 100_000}

const systemService = "https://bima.example/fhir/CodeSystem/service"

// careGiven gives the facility and what care costs there.
func careGiven() []string {
	list := []string{`{"resourceType":"Organization","id":"clinic","active":true,"extension":[{"url":"` + ext + `price-list","valueCoding":{"system":"https://bima.example/fhir/CodeSystem/price-list","code":"ALL"}}],
		"identifier":[{"system":"https://bima.example/fhir/id/facility","value":"F-1"}],"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov"}]}],"name":"Clinic"}`}
	for _, service := range []string{"visit", "operation"} {
		list = append(list, fmt.Sprintf(`{"resourceType":"ChargeItemDefinition","id":%[1]q,"url":"https://bima.example/fhir/ChargeItemDefinition/%[1]s","identifier":[{"system":%[2]q,"value":%[1]q}],"status":"active","code":{"coding":[{"system":%[2]q,"code":%[1]q}]},
			"propertyGroup":[{"extension":[{"url":"%[3]sprice-list","valueCoding":{"system":"https://bima.example/fhir/CodeSystem/price-list","code":"ALL"}},{"url":"%[3]sprice-period","valuePeriod":{"start":"2020-01-01"}}],"priceComponent":[{"type":"base","factor":1,"amount":{"value":%[4]d,"currency":"TZS"}}]}]}`,
			service, systemService, ext, prices[service]))
	}
	return list
}

// services are what a plan covers:
//
//	covers SERVICE [PERCENT]        of which the patient bears so much
//	waits SERVICE adult|child N     months
//	times SERVICE N                 a year for each person
type services struct {
	order               []string
	shares, waits, most map[string]string
}

func (s *services) say(f []string) {
	if s.shares == nil {
		s.shares, s.waits, s.most = map[string]string{}, map[string]string{}, map[string]string{}
	}
	switch f[0] {
	case "covers":
		s.order = append(s.order, f[1])
		if len(f) > 2 {
			s.shares[f[1]] = f[2]
		}
	case "waits":
		s.waits[f[1]] += fmt.Sprintf(`,{"url":"%swaiting-period","extension":[{"url":"duration","valueDuration":{"value":%s,"unit":"mo","system":"http://unitsofmeasure.org","code":"mo"}},{"url":"qualifier","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/usage-context-age-type","code":%q}]}}]}`, ext, f[3], f[2])
	case "times":
		s.most[f[1]] = fmt.Sprintf(`,"limit":[{"extension":[{"url":"%[1]sbenefit-qualifier","valueCodeableConcept":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-unit","code":"individual"}]}},{"url":"%[1]sbenefit-qualifier","valueCodeableConcept":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-term","code":"annual"}]}}],"value":{"value":%[2]s,"unit":"times","system":"http://unitsofmeasure.org","code":"{unit}"},"code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/limit","code":"quantity"}]}}]`, ext, f[2])
	}
}

// benefits spells coverage.benefit, with a comma before each.
func (s *services) benefits() string {
	var out strings.Builder
	for _, service := range s.order {
		out.WriteString(`,{`)
		if waits := s.waits[service]; waits != "" {
			fmt.Fprintf(&out, `"extension":[%s],`, waits[1:])
		}
		fmt.Fprintf(&out, `"type":{"coding":[{"system":%q,"code":%q}]}%s}`, systemService, service, s.most[service])
	}
	return out.String()
}

// costs spells plan.specificCost.
func (s *services) costs(category string) string {
	var list []string
	for _, service := range s.order {
		share := ""
		if percent := s.shares[service]; percent != "" {
			share = fmt.Sprintf(`,"cost":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay-percent"}]},"value":{"value":%s,"unit":"%%","system":"http://unitsofmeasure.org","code":"%%"}}]`, percent)
		}
		list = append(list, fmt.Sprintf(`{"extension":[{"url":"%sprice-origin","valueCode":"list"}],"type":{"coding":[{"system":%q,"code":%q}]}%s}`, ext, systemService, service, share))
	}
	if len(list) == 0 {
		return ""
	}
	return `,"specificCost":[{"category":` + category + `,"benefit":[` + strings.Join(list, ",") + `]}]`
}

// claim claims a service for a person on a day: "claim ann visit 2026-01-20".
func (l *teller) claim(day, who, service, served string) error {
	l.seq++
	return l.Try(fmt.Sprintf(`{"resourceType":"Claim","id":"claim-%d","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"C-%d"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"institutional"}]},
		"subType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}]},"use":"claim","patient":{"reference":"Patient/%s"},"billablePeriod":{"start":%q,"end":%q},"created":%q,
		"insurer":{"reference":"Organization/scheme"},"provider":{"reference":"Organization/clinic"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"card"}}],
		"item":[{"sequence":1,"productOrService":{"coding":[{"system":%q,"code":%q}]},"quantity":{"value":1},"unitPrice":{"value":%d,"currency":"TZS"},"net":{"value":%d,"currency":"TZS"}}]}`,
		l.seq, l.seq, who, served, served, day, systemService, service, prices[service], prices[service]))
}

// showClaim tells what is granted of a claim, or why it waits, and what made the
// server decide anew.
func showClaim(n fhir.Node) string {
	text := n.Get("outcome").Text() + ": " + n.Get("disposition").Text()
	if by := n.Extension(ext+"decision-trigger").At("valueReference", "reference").Text(); by != "" {
		text += " Decided anew because of " + by + "."
	}
	return text
}
