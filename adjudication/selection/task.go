package selection

import (
	"encoding/json"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// Review is the code of the Tasks that ask a person to decide the lines of a claim.
const Review = "medical-review"

// Reviewer is the role, a code of scheme-role, that a review is for.
const Reviewer = "medical-reviewer"

// An Asked is a review that is asked for.
type Asked struct {
	Claim    fhir.Key
	Node     fhir.Node // the Claim
	Facility fhir.Key  // zero where it is not known
	Areas    []fhir.Key
	Reasons  []Reason
	Rules    json.RawMessage // what the rules alone would decide, a ClaimResponse with the id "rules"; nil leaves it out
	Now      time.Time       // in the scheme's zone
	Days     int             // until when it is due
	Second   *fhir.Money     // above which a second opinion is needed; nil where none is

	timed bool // whether a product said Days
}

// InputSecond names the input of a Task above whose amount a second opinion is
// needed.
const InputSecond = "second-opinion-above"

// Within follows the terms of a product: of several the shortest time and the
// lowest amount counts.
func (a *Asked) Within(t Terms, currency string) {
	if t.DeadlineDays > 0 && (!a.timed || t.DeadlineDays < a.Days) {
		a.Days, a.timed = t.DeadlineDays, true
	}
	if t.Currency == currency && currency != "" && (a.Second == nil || t.Second < a.Second.Value) {
		a.Second = &fhir.Money{Value: t.Second, Currency: currency}
	}
}

type (
	reference struct {
		Reference string `json:"reference"`
	}
	coding struct {
		System  string `json:"system,omitempty"`
		Code    string `json:"code"`
		Display string `json:"display,omitempty"`
	}
	concept struct {
		Coding []coding `json:"coding,omitempty"`
		Text   string   `json:"text,omitempty"`
	}
	extension struct {
		URL            string    `json:"url"`
		ValueReference reference `json:"valueReference"`
	}
	period struct {
		End string `json:"end"`
	}
	restriction struct {
		Period period `json:"period"`
	}
	input struct {
		Type           concept    `json:"type"`
		ValuePositive  int        `json:"valuePositiveInt,omitempty"`
		ValueReference *reference `json:"valueReference,omitempty"`
		ValueMoney     *money     `json:"valueMoney,omitempty"`
	}
	money struct {
		Value    json.Number `json:"value"`
		Currency string      `json:"currency"`
	}
	task struct {
		ResourceType    string            `json:"resourceType"`
		Contained       []json.RawMessage `json:"contained,omitempty"`
		Extension       []extension       `json:"extension,omitempty"`
		GroupIdentifier json.RawMessage   `json:"groupIdentifier,omitempty"`
		Status          string            `json:"status"`
		BusinessStatus  concept           `json:"businessStatus"`
		Intent          string            `json:"intent"`
		Priority        string            `json:"priority"`
		Code            concept           `json:"code"`
		Description     string            `json:"description"`
		Focus           reference         `json:"focus"`
		For             json.RawMessage   `json:"for,omitempty"`
		AuthoredOn      string            `json:"authoredOn"`
		LastModified    string            `json:"lastModified"`
		Requester       *reference        `json:"requester,omitempty"`
		PerformerType   []concept         `json:"performerType"`
		Location        *reference        `json:"location,omitempty"`
		ReasonCode      concept           `json:"reasonCode"`
		Restriction     restriction       `json:"restriction"`
		Input           []input           `json:"input,omitempty"`
	}
)

// Moment is the layout in which Tasks tell moments: to the millisecond, so that the
// queue knows which was first.
const Moment = "2006-01-02T15:04:05.000Z07:00"

// Task writes the Task of a review: what it is about, why and until when.
func (a Asked) Task() ([]byte, error) {
	t := task{
		ResourceType: "Task", Status: "requested", Intent: "order", Priority: "routine",
		BusinessStatus: concept{Coding: []coding{{System: profiles.SystemReviewState, Code: "waiting"}}},
		Code:           concept{Coding: []coding{{System: profiles.SystemTask, Code: Review}}},
		Description:    "Decide the lines of " + a.Claim.String() + ".",
		Focus:          reference{a.Claim.String()}, For: a.Node.Get("patient").Raw(),
		AuthoredOn: a.Now.Format(Moment), LastModified: a.Now.Format(Moment),
		Restriction: restriction{period{a.Now.AddDate(0, 0, a.Days).Format(time.DateOnly)}},
	}
	if number := a.Node.Get("identifier").First(); number.Get("value").Exists() {
		t.GroupIdentifier = number.Raw()
	}
	if !a.Facility.IsZero() {
		t.Requester = &reference{a.Facility.String()}
	}
	for i, area := range a.Areas {
		if i == 0 {
			t.Location = &reference{area.String()}
		}
		t.Extension = append(t.Extension, extension{profiles.ExtensionTaskArea, reference{area.String()}})
	}
	t.PerformerType = performers(a.Reasons)
	for _, r := range a.Reasons {
		t.ReasonCode.Coding = append(t.ReasonCode.Coding, coding{profiles.SystemReviewSelection, r.Name, ""})
		if t.ReasonCode.Text != "" {
			t.ReasonCode.Text += " "
		}
		t.ReasonCode.Text += r.Text
	}
	for item := range a.Node.Get("item").Each() {
		if sequence, ok := count(item.Get("sequence"), 1, 1_000_000); ok {
			t.Input = append(t.Input, input{Type: concept{Text: "line"}, ValuePositive: sequence})
		}
	}
	if a.Second != nil {
		t.Input = append(t.Input, input{Type: concept{Text: InputSecond}, ValueMoney: &money{json.Number(a.Second.Value.String()), a.Second.Currency}})
	}
	if a.Rules != nil {
		t.Contained = []json.RawMessage{a.Rules}
		t.Input = append(t.Input, input{Type: concept{Text: "rules"}, ValueReference: &reference{"#rules"}})
	}
	return json.Marshal(t)
}

// performers says who is asked: a medical reviewer, of the specialties that the
// conditions name.
func performers(reasons []Reason) []concept {
	list := []concept{{Coding: []coding{{System: profiles.SystemSchemeRole, Code: Reviewer}}}}
	seen := map[Code]bool{{}: true}
	for _, r := range reasons {
		if !seen[r.Specialty] {
			seen[r.Specialty] = true
			list = append(list, concept{Coding: []coding{{System: r.Specialty.System, Code: r.Specialty.Code}}})
		}
	}
	return list
}
