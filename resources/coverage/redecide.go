package coverage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// claimsMax bounds how many claims of one person are listed to be decided again.
const claimsMax = 500

// redecide lists the claims whose days were covered and are not any more, or the
// other way round: in a Task for whoever decides claims. Days to come change
// nothing that was decided; a suspension is of days to come too.
func redecide(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil {
			continue
		}
		is, was := membershipOf(c.Key, c.Node), membership{}
		if c.Before != nil {
			doc, err := fhir.Parse(c.Before.Body)
			if err != nil {
				return err
			}
			was = membershipOf(c.Key, doc.Root())
		}
		if state(is.node, profiles.ExtensionCoverageState) == "suspended" || was.inForce != is.inForce && state(was.node, profiles.ExtensionCoverageState) == "suspended" {
			continue
		}
		days := changed(was, is)
		if today := tx.Now(); days.From.IsZero() && days.To.IsZero() || !days.From.Before(today) {
			continue
		}
		if err := list(tx, is, days); err != nil {
			return err
		}
	}
	return nil
}

// changed gives the days from the first to the last that one membership covers
// and the other does not; none is the zero Interval.
func changed(was, is membership) fhir.Interval {
	switch {
	case !was.inForce && !is.inForce:
		return fhir.Interval{}
	case !was.inForce:
		return spanned(is.period)
	case !is.inForce:
		return spanned(was.period)
	}
	var i fhir.Interval
	add := func(a, b time.Time) {
		if a.Equal(b) {
			return
		}
		if b.Before(a) {
			a, b = b, a
		}
		if i.From.IsZero() || a.Before(i.From) {
			i.From = a
		}
		if b.After(i.To) {
			i.To = b
		}
	}
	before, after := spanned(was.period), spanned(is.period)
	add(before.From, after.From)
	add(before.To, after.To)
	return i
}

// The ends of a period that has none.
var (
	longAgo = time.Date(1, 1, 1, 1, 0, 0, 0, time.UTC)
	farOff  = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

func spanned(i fhir.Interval) fhir.Interval {
	if i.From.IsZero() {
		i.From = longAgo
	}
	if i.To.IsZero() {
		i.To = farOff
	}
	return i
}

// list makes the Task, unless no claim is of those days.
func list(tx fhir.Tx, m membership, days fhir.Interval) error {
	page, err := tx.Search(&fhir.Query{Types: []string{"Claim"}, Limit: claimsMax, Where: fhir.Match{
		Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: m.person},
	}})
	if err != nil {
		return err
	}
	var touched []fhir.Key
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return err
		}
		if n := doc.Root(); n.Get("status").Text() == "active" && served(n).Overlaps(days) {
			touched = append(touched, resource.Key)
		}
	}
	if len(touched) == 0 {
		return nil
	}
	_, err = tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: spellTask(m, touched, tx.Now())})
	return err
}

// served gives the days of a claim, those of its lines among them.
func served(claim fhir.Node) fhir.Interval {
	days := interval(claim.Get("billablePeriod"))
	widen := func(i fhir.Interval) {
		if !i.From.IsZero() && (days.From.IsZero() || i.From.Before(days.From)) {
			days.From = i.From
		}
		if !i.To.IsZero() && i.To.After(days.To) {
			days.To = i.To
		}
	}
	for item := range claim.Get("item").Each() {
		widen(interval(item.Get("servicedPeriod")))
		if d, err := fhir.ParseDateTime(item.Get("servicedDate").Text()); err == nil {
			widen(d.Interval(time.UTC))
		}
	}
	if days.From.IsZero() && days.To.IsZero() {
		if d, err := fhir.ParseDateTime(claim.Get("created").Text()); err == nil {
			widen(d.Interval(time.UTC))
		}
	}
	return days
}

// spellTask writes the Task that lists claims to decide again.
func spellTask(m membership, claims []fhir.Key, now time.Time) []byte {
	type reference struct {
		Reference string `json:"reference"`
	}
	type input struct {
		Type struct {
			Text string `json:"text"`
		} `json:"type"`
		ValueReference reference `json:"valueReference"`
	}
	inputs := make([]input, len(claims))
	for i, k := range claims {
		inputs[i].Type.Text, inputs[i].ValueReference.Reference = "claim", k.String()
	}
	listed, err := json.Marshal(inputs)
	if err != nil {
		panic("keys are always JSON: " + err.Error())
	}
	return fmt.Appendf(nil, `{"resourceType":"Task","status":"requested","intent":"order","code":{"coding":[{"system":%q,"code":"redecision"}]},`+
		`"description":%q,"focus":{"reference":%q},"for":{"reference":%q},"authoredOn":%q,"input":%s}`,
		profiles.SystemTask, "Cover changed for days that are over: decide these claims again.", m.key.String(), m.person.String(), now.Format(time.RFC3339), listed)
}
