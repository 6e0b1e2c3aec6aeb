package learned

import (
	"math"
	"strconv"
	"strings"
	"time"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
)

// A Feature is one number about a claim.
type Feature struct {
	Name  string
	Value float64
	Says  string // what it says of the claim, "the claim asks for 150,000 TZS"
}

// The features that are numbers; those that are true of a claim or not are named
// "service|" or "diagnosis|" and their code, or "visit|" and the class.
const (
	featureTotal     = "log-total"
	featureLines     = "log-lines"
	featureDays      = "log-days"
	featureQuantity  = "log-quantity"
	featureLargest   = "largest-share"
	featureDelay     = "log-delay"
	featureOverList  = "over-list"
	featureOutside   = "outside"
	featureDiagnoses = "diagnoses"
	featureWeekend   = "weekend"
	featureReferred  = "referred"
	featureHospital  = "hospital"
	prefixVisit      = "visit|"
	prefixService    = "service|"
	prefixDiagnosis  = "diagnosis|"
)

// featuresMax bounds the features of a claim, most of which are its services.
const featuresMax = 500

// Features gives the numbers that a model weighs. They come from the claim and
// from the rules that do not depend on earlier claims, so that a claim has the
// same when a model learns from it and when it is first decided. Who the person
// and who the facility is are none: a model must not learn to distrust somebody.
// d may be nil.
func Features(claim fhir.Node, g *facts.Claim, d *adjudication.Decision) []Feature {
	c := &g.Case
	list := amounts(c)
	list = append(list, delay(c)...)
	list = append(list, ruled(d)...)
	if c.Dated && c.Treatment.From == c.Treatment.To {
		switch adjudication.Date(c.Treatment.From).Weekday() {
		case time.Saturday, time.Sunday:
			list = append(list, Feature{featureWeekend, 1, "the treatment was at a weekend"})
		}
	}
	switch c.Visit {
	case adjudication.Emergency:
		list = append(list, Feature{prefixVisit + "EMER", 1, "it is an emergency"})
	case adjudication.Inpatient:
		list = append(list, Feature{prefixVisit + "IMP", 1, "it is a stay"})
	}
	if c.Referred {
		list = append(list, Feature{featureReferred, 1, "the patient was referred"})
	}
	if c.Facility.Hospital {
		list = append(list, Feature{featureHospital, 1, "the facility is a hospital"})
	}
	return append(list, coded(claim, c)...)
}

// amounts gives what the claim asks for.
func amounts(c *adjudication.Case) []Feature {
	var total, largest, quantity fhir.Amount
	for i := range c.Lines {
		l := &c.Lines[i]
		total += l.Asked
		largest = max(largest, l.Asked)
		quantity = max(quantity, l.Quantity)
	}
	list := []Feature{
		{featureTotal, logOf(units(total)), "the claim asks for " + adjudication.Say(total, c.Currency)},
		{featureLines, logOf(float64(len(c.Lines))), "it has " + strconv.Itoa(len(c.Lines)) + " lines"},
		{featureQuantity, logOf(units(quantity)), "its largest quantity is " + adjudication.Say(quantity, "")},
	}
	if total > 0 {
		share := units(largest) / units(total)
		list = append(list, Feature{featureLargest, share, percent(share) + " of the amount is one line"})
	}
	return list
}

// delay gives how long the treatment was and how late the claim came.
func delay(c *adjudication.Case) []Feature {
	if !c.Dated {
		return nil
	}
	days := int(c.Treatment.To-c.Treatment.From) + 1
	list := []Feature{{featureDays, logOf(float64(days)), "the treatment took " + strconv.Itoa(days) + " days"}}
	if late := int(c.Claimed - c.Treatment.To); c.Stamped && late >= 0 {
		list = append(list, Feature{featureDelay, logOf(float64(late)), "it was claimed " + strconv.Itoa(late) + " days after the treatment"})
	}
	return list
}

// standing are the reasons for which a line is denied whatever else was claimed.
var standing = map[adjudication.Reason]bool{
	adjudication.ReasonService: true, adjudication.ReasonPriceList: true, adjudication.ReasonNotInPlan: true,
	adjudication.ReasonPatient: true, adjudication.ReasonCareType: true,
}

// ruled gives what the rules say of the prices and of the services.
func ruled(d *adjudication.Decision) []Feature {
	if d == nil || len(d.Lines) == 0 {
		return nil
	}
	var submitted, over fhir.Amount
	outside := 0
	for i := range d.Lines {
		l := &d.Lines[i]
		submitted += l.Submitted
		for _, a := range l.Adjustments {
			if a.Reason == adjudication.ReasonListPrice {
				over += a.Amount
			}
		}
		if standing[l.Denied] {
			outside++
		}
	}
	refused := float64(outside) / float64(len(d.Lines))
	list := []Feature{{featureOutside, refused, percent(refused) + " of its lines are of services the register, the price list or the plan does not allow"}}
	if submitted > 0 {
		share := units(over) / units(submitted)
		list = append(list, Feature{featureOverList, share, percent(share) + " of the amount is above the price list"})
	}
	return list
}

// categoryLength is the length of a category of ICD-10, "A09".
const categoryLength = 3

// coded gives the services claimed and the category of the first diagnosis.
func coded(claim fhir.Node, c *adjudication.Case) []Feature {
	var list []Feature
	seen := map[string]bool{}
	for i := range c.Lines {
		if name := prefixService + c.Lines[i].Service.String(); !seen[name] && len(list) < featuresMax {
			seen[name] = true
			list = append(list, Feature{name, 1, "it claims service " + c.Lines[i].Service.Code})
		}
	}
	diagnoses := claim.Get("diagnosis")
	list = append(list, Feature{featureDiagnoses, float64(min(diagnoses.Len(), featuresMax)), "it names " + strconv.Itoa(diagnoses.Len()) + " diagnoses"})
	code := strings.ToUpper(diagnoses.First().At("diagnosisCodeableConcept", "coding").First().Get("code").Text())
	if len(code) >= categoryLength {
		category := code[:categoryLength]
		list = append(list, Feature{prefixDiagnosis + category, 1, "its first diagnosis is of " + category})
	}
	return list
}

// binary reports whether a feature is true of a claim or not.
func binary(name string) bool {
	return strings.Contains(name, "|") || name == featureWeekend || name == featureReferred || name == featureHospital
}

// absent says that a feature is not true of a claim.
func absent(name string) string {
	kind, code, _ := strings.Cut(name, "|")
	switch kind + "|" {
	case prefixService:
		return "it does not claim service " + code[strings.LastIndexByte(code, '|')+1:]
	case prefixDiagnosis:
		return "its first diagnosis is not of " + code
	}
	return "it is not so that: " + name
}

// logOf makes a large number small: ln(1 + x).
func logOf(x float64) float64 { return math.Log1p(max(0, x)) }

// units gives an Amount as a number for a score, never for money.
func units(a fhir.Amount) float64 { return float64(a) / float64(fhir.Units(1)) }

func percent(share float64) string { return strconv.Itoa(int(math.Round(100*share))) + " %" }
