package terms_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/adjudication"
	"bima/adjudication/terms"
)

func code(c string) adjudication.Code { return adjudication.Code{System: "urn:s", Code: c} }

func TestASetListsItsServices(t *testing.T) {
	const one, two = `{"system":"urn:s","concept":[{"code":"A"},{"code":"B"}]}`, `{"system":"urn:s","concept":[{"code":"C"}]}`
	const expansion = `,"expansion":{"contains":[{"system":"urn:s","code":"X"},{"display":"a heading"},{"system":"urn:s","code":"Y"}]}`
	for name, c := range map[string]struct {
		set  string
		want []adjudication.Code
		at   string
	}{
		"concepts of two systems":             {set: `"compose":{"include":[` + one + `,` + two + `]}`, want: []adjudication.Code{code("A"), code("B"), code("C")}},
		"less those that are excluded":        {set: `"compose":{"include":[` + one + `],"exclude":[{"system":"urn:s","concept":[{"code":"A"}]}]}`, want: []adjudication.Code{code("B")}},
		"those of another system stay":        {set: `"compose":{"include":[` + one + `],"exclude":[{"system":"urn:t","concept":[{"code":"A"}]}]}`, want: []adjudication.Code{code("A"), code("B")}},
		"an expansion":                        {set: `"status":"active"` + expansion, want: []adjudication.Code{code("X"), code("Y")}},
		"an expansion of a filter":            {set: `"compose":{"include":[{"system":"urn:s","filter":[{}]}]}` + expansion, want: []adjudication.Code{code("X"), code("Y")}},
		"an expansion less a filter":          {set: `"compose":{"include":[` + one + `],"exclude":[{"system":"urn:s","filter":[{}]}]}` + expansion, want: []adjudication.Code{code("X"), code("Y")}},
		"concepts come before an expansion":   {set: `"compose":{"include":[` + one + `]}` + expansion, want: []adjudication.Code{code("A"), code("B")}},
		"all of a system is no list":          {set: `"compose":{"include":[` + two + `,{"system":"urn:s"}]}`, at: "ValueSet.compose.include[1]"},
		"a filter is none":                    {set: `"compose":{"include":[{"system":"urn:s","filter":[{}]}]}`, at: "ValueSet.compose.include[0]"},
		"another set is none":                 {set: `"compose":{"include":[{"valueSet":["urn:v"],"concept":[{"code":"A"}]}]}`, at: "ValueSet.compose.include[0]"},
		"all less something is none":          {set: `"compose":{"include":[` + one + `],"exclude":[{"valueSet":["urn:v"]}]}`, at: "ValueSet.compose.exclude[0]"},
		"nothing is none":                     {set: `"status":"active"`, at: "ValueSet.compose"},
		"nor is a list that is all taken off": {set: `"compose":{"include":[` + two + `],"exclude":[` + two + `]}`, at: "ValueSet.compose"},
	} {
		got, err := terms.ServicesOf(tree(t, `{"resourceType":"ValueSet",`+c.set+`}`))
		if diff := cmp.Diff(c.want, got); diff != "" || (err == nil) != (c.at == "") || err != nil && !strings.Contains(err.Error(), c.at) {
			t.Errorf("%s: %v, want %q (-want +got)\n%s", name, err, c.at, diff)
		}
	}
}

// A set that is named in two places is one, and its services have what both say.
func TestAnEntryAboutASet(t *testing.T) {
	of := func(set string) string {
		return `"extension":[{"url":"{bima}/service-set","valueCanonical":"` + set + `"}]`
	}
	product := tree(t, urls(`{"resourceType":"InsurancePlan","coverage":[{"benefit":[{`+of("urn:v")+`,"type":{"text":"Chronic care","coding":[{"display":"Care"}]}},{`+of("urn:w|2")+`,"type":{"coding":[{"code":"D"},{"display":"Drugs"}]}}]}],
		"plan":[{"specificCost":[{"benefit":[{`+of("urn:v")+`,"cost":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay-percent"}]},"value":{"value":20}}]}]}]}]}`))
	if diff := cmp.Diff([]string{"urn:v", "urn:w|2"}, terms.ServiceSets(product)); diff != "" {
		t.Errorf("named are (-want +got)\n%s", diff)
	}
	v, w := &adjudication.Cover{Covered: true, Shares: []adjudication.Term{{Value: 20 * terms.OneUnit}}}, &adjudication.Cover{Covered: true}
	plan, issues := terms.CompilePlanWith(product, terms.Sets{"urn:v": {code("A"), code("B"), code("A")}, "urn:w|2": {code("B")}})
	if diff := cmp.Diff(map[adjudication.Code][]*adjudication.Cover{code("A"): {v}, code("B"): {v, w}}, plan.Sets); diff != "" || len(issues) > 0 {
		t.Errorf("%v (-want +got)\n%s", issues, diff)
	}
	listed := []adjudication.ServiceSet{{URL: "urn:v", Name: "Chronic care", Cover: v}, {URL: "urn:w|2", Name: "Drugs", Cover: w}}
	if diff := cmp.Diff(listed, plan.Listed); diff != "" {
		t.Errorf("listed are (-want +got)\n%s", diff)
	}
	if plan, issues := terms.CompilePlanWith(product, terms.Sets{"urn:v": {code("A")}}); plan != nil || !strings.Contains(issues[0].Diagnostics, `"urn:w|2"`) {
		t.Errorf("a set that is not there is taken: %v", issues)
	}
	if plan, issues := terms.CompilePlan(product); plan == nil || len(issues) > 0 || len(plan.Sets) > 0 {
		t.Errorf("without sets it is refused: %v", issues)
	}
	if plan, _ := terms.CompilePlan(tree(t, urls(`{"resourceType":"InsurancePlan","coverage":[{"benefit":[{`+of("")+`}]}]}`))); plan != nil {
		t.Error("a set without a URL is taken")
	}
}
