package contract_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
)

// plan spells an InsurancePlan of one parameter a line.
func plan(t *testing.T, name string, lines []string) string {
	t.Helper()
	const openimis = "https://openimis.github.io/openimis_fhir_r4_ig"
	extensions, parts, limits, costs := []string{}, []string{}, []string{}, []string{}
	care := services{}
	from, to, number := "2020-01-01", "", strings.ToUpper(name)
	duration := func(n, unit string) string {
		return fmt.Sprintf(`{"value":%s,"unit":%q,"system":"http://unitsofmeasure.org","code":%q}`, n, unit, unit)
	}
	limit := func(code, quantity string) string {
		return fmt.Sprintf(`{"value":%s,"code":{"coding":[{"system":%q,"code":%q}]}}`, quantity, openimis+"/CodeSystem/insurance-plan-coverage-benefit-limit", code)
	}
	for _, line := range lines {
		f := strings.Fields(line)
		switch f[0] {
		case "majority":
			extensions = append(extensions, fmt.Sprintf(`{"url":"%sage-of-majority","valueUnsignedInt":%s}`, ext, f[1]))
		case "instalments":
			extensions = append(extensions, fmt.Sprintf(`{"url":"%s/StructureDefinition/insurance-plan-max-installments","valueUnsignedInt":%s}`, openimis, f[1]))
		case "calendar":
			extensions = append(extensions, fmt.Sprintf(`{"url":"%scycle-calendar","valueCode":%q}`, ext, f[1]))
		case "cycle":
			extensions = append(extensions, fmt.Sprintf(`{"url":"%s/StructureDefinition/insurance-plan-start_cycle","valueString":%q}`, openimis, f[1]))
		case "converts":
			extensions = append(extensions, fmt.Sprintf(`{"url":"%s/StructureDefinition/insurance-plan-conversion","valueReference":{"reference":"InsurancePlan/%s"}}`, openimis, f[1]))
		case "sold":
			from, to = f[1], strings.Join(f[2:], "")
		case "product":
			number = f[1]
		case "length":
			limits = append(limits, limit("period", duration(f[1], f[2])))
		case "covers", "waits", "times":
			care.say(f)
		case "members":
			limits = append(limits, limit("memberCount", duration(f[1], "{member}")))
		case "discount":
			parts = append(parts, fmt.Sprintf(`{"url":"%scontribution-discount","extension":[{"url":"stage","valueCode":%q},{"url":"percentage","valueDecimal":%s},{"url":"before","valueDuration":%s}]}`, ext, f[1], f[2], duration(f[3], f[4])))
		case "administration", "grace-enrolment", "grace-renewal", "grace-payment", "recurrence":
			parts = append(parts, fmt.Sprintf(`{"url":"%scontribution-period","extension":[{"url":"kind","valueCode":%q},{"url":"duration","valueDuration":%s}]}`, ext, f[0], duration(f[1], f[2])))
		default:
			size := ""
			if len(f) > 2 {
				size = `"groupSize":` + f[2] + `,`
			}
			costs = append(costs, fmt.Sprintf(`{"type":{"coding":[{"system":%q,"code":%q}]},%s"cost":{"value":%s,"currency":"TZS"}}`, openimis+"/CodeSystem/insurance-plan-general-cost-type", f[0], size, f[1]))
		}
	}
	period := fmt.Sprintf(`{"start":%q`, from)
	if to != "" {
		period += fmt.Sprintf(`,"end":%q`, to)
	}
	optional := func(name string, list []string) string {
		if len(list) == 0 {
			return ""
		}
		return `,"` + name + `":[` + strings.Join(list, ",") + `]`
	}
	medical := `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]}`
	return fmt.Sprintf(`{"resourceType":"InsurancePlan","id":%q%s,"identifier":[{"system":"https://bima.example/fhir/id/product","value":%q}],"status":"active","name":%q,"period":%s},
		"ownedBy":{"reference":"Organization/scheme"},"administeredBy":{"reference":"Organization/scheme"},
		"coverage":[{"type":%s,"benefit":[{"type":%s%s}%s]}],"plan":[{"identifier":[{"system":"https://bima.example/fhir/id/product-plan","value":"x"}]%s%s%s}]}`,
		name, optional("extension", extensions), number, "Plan "+name, period, medical, medical, optional("limit", limits), care.benefits(),
		optional("extension", parts), optional("generalCost", costs), care.costs(medical))
}

// show tells what matters of a resource in one line, or a few.
func show(typ string, n fhir.Node) string {
	extension := func(name, value string) string { return n.Extension(ext + name).Get(value).Text() }
	span := func(p fhir.Node) string { return p.Get("start").Text() + " to " + p.Get("end").Text() }
	var b bytes.Buffer
	switch typ {
	case "Contract":
		fmt.Fprintf(&b, "%s (%s), %s", extension("policy-state", "valueCode"), n.Get("status").Text(), span(n.Get("applies")))
		if grace := extension("policy-grace", "valueDate"); grace != "" {
			fmt.Fprintf(&b, ", without a gap if paid by %s", grace)
		}
		for p := range n.Get("term").First().Get("asset").First().Get("typeReference").Each() {
			fmt.Fprintf(&b, " %s", strings.TrimPrefix(p.Get("reference").Text(), "Patient/"))
		}
	case "Coverage":
		fmt.Fprintf(&b, "%s, %s", extension("coverage-state", "valueCode"), span(n.Get("period")))
		if from := extension("coverage-waiting-from", "valueDate"); from != "" {
			fmt.Fprintf(&b, ", waits from %s", from)
		}
	case "Invoice":
		fmt.Fprintf(&b, "%s, due %s, left %s of %s", n.Get("status").Text(), extension("invoice-due", "valueDate"), n.Extension(ext+"invoice-balance").At("valueMoney", "value").Text(), n.At("totalGross", "value").Text())
		for i := range n.Get("lineItem").Each() {
			p := i.Get("priceComponent").First()
			fmt.Fprintf(&b, "\n    %s %s %s (%s)", p.Get("type").Text(), p.Get("factor").Text(), p.At("amount", "value").Text(), i.At("chargeItemCodeableConcept", "text").Text())
		}
	case "PaymentReconciliation":
		fmt.Fprintf(&b, "%s %s, %s", extension("payment-direction", "valueCode"), n.Get("status").Text(), n.At("paymentAmount", "value").Text())
		for d := range n.Get("detail").Each() {
			fmt.Fprintf(&b, ", %s on %s", d.At("amount", "value").Text(), d.At("request", "reference").Text())
		}
	case "ClaimResponse":
		b.WriteString(showClaim(n))
	case "Task":
		fmt.Fprintf(&b, "%s %s, %s", n.Get("code").Get("coding").First().Get("code").Text(), n.Get("status").Text(), n.At("focus", "reference").Text())
		if end := n.At("restriction", "period", "end").Text(); end != "" {
			fmt.Fprintf(&b, ", by %s", end)
		}
		for i := range n.Get("input").Each() {
			fmt.Fprintf(&b, ", %s %s", i.At("type", "text").Text(), i.At("valueReference", "reference").Text())
			if change := i.Extension(ext + "redecision"); change.Exists() {
				fmt.Fprintf(&b, " from %s to %s", change.Extension("before").At("valueMoney", "value").Text(), change.Extension("now").At("valueMoney", "value").Text())
			}
		}
	}
	return b.String()
}
