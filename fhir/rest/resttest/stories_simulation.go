package resttest

import (
	"fmt"
	"strings"
)

// simulationStories tell what a changed product would have cost. {run}-plan pays 80 %
// of {run}-S, 1,000, up to 2,000 a year: of three claims 800, 800 and 400.
func simulationStories() []Story {
	var plan string
	for _, s := range coveredHere() {
		if strings.HasPrefix(s.Path, "/InsurancePlan/") {
			plan = s.Body
		}
	}
	changed := strings.Replace(plan, `{"value":20,`, `{"value":10,`, 1)
	ask := func(name, at, parameters string, status int, want Values) Scenario {
		return Scenario{Name: name, Method: "POST", Path: "/InsurancePlan/" + at, Body: `{"resourceType":"Parameters","parameter":[` + parameters + `]}`, WantStatus: status, WantBody: want}
	}
	with := func(plan string) string { return `{"name":"plan","resource":` + plan + `}` }
	// The figures of the total: before and after, of the scheme and of the member.
	total := func(decided, changed string, figures ...string) Values {
		v := Values{"parameter[1].valueUnsignedInt": decided, "parameter[2].valueUnsignedInt": changed, "parameter[8].name": "total"}
		for i, f := range figures {
			v[fmt.Sprintf("parameter[8].part[%d].valueMoney.value", i)] = f
		}
		return v
	}
	here := "{run}-plan/$simulate"
	steps := append(
		coveredHere(), claimOf("1"), claimOf("2"), claimOf("3"),
		ask("the same rules change nothing", here, `{"name":"listed","valueInteger":10}`, 200, total("3", "0", "2000", "1000", "2000", "1000")),
		Scenario{Name: "it may be asked by GET", Path: "/InsurancePlan/" + here, WantStatus: 200, WantBody: total("3", "0")},
		// 900 + 900 + 200, and 100 + 100 + 800.
		ask("with a smaller share", here, with(changed), 200, total("3", "3", "2000", "1000", "2000", "1000")),
		ask("by the id of the product", "$simulate", with(changed), 200, Values{
			"parameter[9].resource.resourceType": "MeasureReport", "parameter[9].resource.group[0].population[2].count": "3",
			"parameter[9].resource.group[1].measureScore.value": "2000", "parameter[9].resource.group[1].measureScore.code": "TZS",
			"parameter[11].name": "change", "parameter[11].part[0].valueReference.reference": "Claim/*",
			"parameter[11].part[1].valueMoney.value": "800", "parameter[11].part[3].valueMoney.value": "900", "parameter[11].part[6].valueCode": "coinsurance",
			"parameter[13].part[6].valueCode": "ceiling-insuree",
		}),
		ask("of some days: 900, and 300 beside the 800 of the first day", here, with(changed)+`,{"name":"period","valuePeriod":{"start":"2026-04-02","end":"2026-04-03"}}`, 200, total("2", "2", "1200", "800", "1200", "800")),
		ask("a stored version", here, `{"name":"version","valueReference":{"reference":"InsurancePlan/{run}-plan/_history/1"}}`, 200, total("3", "0")),
		ask("a version that is not stored", here, `{"name":"version","valueReference":{"reference":"InsurancePlan/{run}-plan/_history/7"}}`, 404, Values{"issue[0].expression[0]": "Parameters.parameter[0].valueReference"}),
		ask("a share of 110 %", here, with(strings.Replace(plan, `{"value":20,`, `{"value":110,`, 1)), 422, Values{"issue[0].expression[0]": "Parameters.parameter[0].resource.plan[0].specificCost[0].benefit[0].cost[0]*"}),
		ask("of which product is not said", "$simulate", with(strings.Replace(changed, `"id":"{run}-plan",`, "", 1)), 422, Values{"issue[0].expression[0]": "Parameters.parameter[0].resource"}),
		ask("a word that is misspelt", here, `{"name":"periode","valuePeriod":{"start":"2026-04-02"}}`, 400, nil),
		ask("a period that ends before it begins", here, `{"name":"period","valuePeriod":{"start":"2026-04-02","end":"2026-04-01"}}`, 400, nil),
		Scenario{Name: "nothing was written", Path: "/ClaimResponse/{claim}/_history", WantStatus: 200, WantBody: Values{"total": "1"}},
		Scenario{Name: "it may be done later", Method: "POST", Path: "/InsurancePlan/" + here, Header: Values{"Prefer": "respond-async"}, Body: `{"resourceType":"Parameters","parameter":[` + with(changed) + `]}`, WantStatus: 202, WantHeader: Values{"Content-Location": "*/_async/*"}},
	)
	return []Story{{"a changed product is tried on the claims there are", steps}}
}
