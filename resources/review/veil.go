package review

import (
	"context"
	"slices"

	"bima/adjudication/selection"
	"bima/adjudication/workplace"
	"bima/fhir"
)

// veil hides from who reviews the claims of the facilities he works for, and what
// leads to them. An administrator sees all.
func (m module) veil() fhir.Veil {
	types := []string{"Bundle", "Claim", "Subscription"}
	for _, l := range leads {
		if !slices.Contains(types, l.typ) {
			types = append(types, l.typ)
		}
	}
	return fhir.Veil{
		Types: types,
		Over: func(c fhir.Caller) bool {
			return slices.Contains(c.Roles, fhir.RoleReviewer) && !slices.Contains(c.Roles, fhir.RoleAdministrator) && !c.Entity.IsZero()
		},
		Hides: m.hides,
	}
}

// A lead says that resources of a type are hidden which refer, by one of the
// parameters, to what is hidden of other types, which stand before it.
type lead struct {
	typ    string
	params []string
	to     []string
}

// papers are the types of what is said and done about a claim.
var papers = []string{"Claim", "ClaimResponse", "ExplanationOfBenefit", "Task"}

// leads are the ways that lead to claims. What names several is hidden for one.
var leads = []lead{
	{"ClaimResponse", []string{"request", "may-gain"}, []string{"Claim"}},
	{"ExplanationOfBenefit", []string{"claim"}, []string{"Claim"}},
	{"Task", []string{"focus", "based-on", "input"}, []string{"Claim", "ClaimResponse", "ExplanationOfBenefit"}},
	{"CommunicationRequest", []string{"about", "based-on"}, papers},
	{"Communication", []string{"about", "based-on"}, append(papers[:4:4], "CommunicationRequest")},
	{"Communication", []string{"part-of"}, append(papers[:4:4], "CommunicationRequest", "Communication")},
	{"DocumentReference", []string{"related"}, papers},
	{"Media", nil, nil},
	{"Binary", []string{"context"}, append(papers[:4:4], "DocumentReference", "Communication")},
	{"PaymentReconciliation", []string{"detail"}, []string{"Claim", "ClaimResponse"}},
	{"PaymentNotice", []string{"request", "response"}, []string{"Claim", "ClaimResponse"}},
	{"Provenance", []string{"target", "entity"}, append(papers[:4:4], "CommunicationRequest", "Communication", "DocumentReference")},
	{"AuditEvent", []string{"entity"}, append(papers[:4:4], "CommunicationRequest", "Communication", "DocumentReference")},
	{"List", []string{"item"}, papers},
	{"MeasureReport", []string{"evaluated-resource"}, papers},
	{"DetectedIssue", []string{"implicated"}, papers},
	{"Composition", []string{"entry", "subject"}, papers},
	{"Basic", []string{"subject"}, papers},
	{"QuestionnaireResponse", []string{"subject", "based-on", "part-of"}, papers},
	{"Observation", []string{"focus"}, papers},
	{"Linkage", []string{"item"}, papers},
	{"Consent", []string{"data"}, papers},
	{"MessageHeader", []string{"focus"}, papers},
	{"DocumentManifest", []string{"item", "related-ref"}, papers},
	{"Appointment", []string{"supporting-info"}, papers},
	{"ClinicalImpression", []string{"supporting-info"}, papers},
	{"Condition", []string{"evidence-detail"}, papers},
	{"DeviceRequest", []string{"based-on"}, papers},
	{"VerificationResult", []string{"target"}, papers},
}

// A come says that resources of a type are hidden to which what is hidden of another
// type refers: what came along with it.
type come struct{ typ, with, param string }

var along = []come{
	{"DocumentReference", "Claim", "attachment"},
	{"Media", "Claim", "attachment"},
	{"Binary", "Claim", "attachment"},
	{"Binary", "DocumentReference", "content"},
	{"Binary", "Communication", "attachment"},
}

// hides gives what is hidden from a reviewer: nothing, unless he works for a facility.
func (m module) hides(r fhir.Reader, c fhir.Caller) (fhir.Hidden, error) {
	facilities, err := workplace.Of(r, c.Entity, m.todayOf(r))
	if err != nil || len(facilities) == 0 {
		return nil, err
	}
	if facilities, err = withParts(r, facilities); err != nil {
		return nil, err
	}
	theirs, err := namedBy(r, "provider", facilities)
	if err != nil {
		return nil, err
	}
	self, err := workplace.Holder(r, c.Entity)
	if err != nil {
		return nil, err
	}
	if self.Type == "Practitioner" { // what he claimed himself, wherever
		theirs = append(theirs, match("provider", self))
	}
	for _, by := range []struct{ typ, param string }{{"PractitionerRole", "provider"}, {"Location", "facility"}} {
		at := anyOf("organization", facilities)
		keys, whole, err := namesOf(r, by.typ, at)
		switch {
		case err != nil:
			return nil, err
		case whole:
			named, err := namedBy(r, by.param, keys)
			if err != nil {
				return nil, err
			}
			theirs = append(theirs, named...)
		default:
			theirs = append(theirs, fhir.Chain{Param: reference(by.param), Type: by.typ, Where: at})
		}
	}
	hidden := fhir.Hidden{
		"Claim": theirs,
		// A Subscription would tell of them: who reviews has none.
		"Subscription": fhir.All{},
		// A stored Bundle may hold copies of them, by which nothing finds it.
		"Bundle": fhir.All{},
	}
	of := map[string]fhir.Any{
		"ClaimResponse":        anyOf("requestor", facilities),
		"ExplanationOfBenefit": anyOf("provider", facilities),
		"Task": {fhir.All{
			fhir.Any{coded("code", systemTask, selection.Review), coded("code", systemTask, secondOpinion), coded("code", systemTask, overdue), coded("code", systemTask, appeal)},
			anyOf("requester", facilities),
		}},
	}
	for _, l := range leads {
		any := of[l.typ]
		for _, param := range l.params {
			for _, to := range l.to {
				any = append(any, fhir.Chain{Param: reference(param), Type: to, Where: hidden[to]})
			}
		}
		for _, a := range along {
			if a.typ == l.typ {
				any = append(any, fhir.Has{Type: a.with, Param: reference(a.param), Where: hidden[a.with]})
			}
		}
		of[l.typ] = slices.Clip(any)
		hidden[l.typ] = any
	}
	return hidden, nil
}

// withParts adds to organizations those that are parts of them, as far as workplace.Among
// looks.
func withParts(r fhir.Reader, facilities []fhir.Key) ([]fhir.Key, error) {
	level := facilities
	for range workplace.PartsMax - 1 {
		parts, whole, err := namesOf(r, "Organization", anyOf("partof", level))
		if err != nil {
			return nil, err
		}
		if !whole {
			return nil, fhir.Detailf(fhir.IssueTooCostly, detailReview, "", "more than %d facilities are parts of those you work for, of whose claims a reviewer sees none; have your PractitionerRole name the one you work at", keysMax)
		}
		level = nil
		for _, k := range parts {
			if !slices.Contains(facilities, k) {
				facilities, level = append(facilities, k), append(level, k)
			}
		}
		if len(level) == 0 {
			break
		}
	}
	return facilities, nil
}

// keysMax bounds the facilities, and the roles and places at them, that are named one
// by one.
const keysMax = 1000

// namesOf gives the keys of the resources of a type on which a criterion holds; whole
// is false where there are too many.
func namesOf(r fhir.Reader, typ string, where fhir.Criterion) (keys []fhir.Key, whole bool, err error) {
	q := &fhir.Query{Types: []string{typ}, Where: where, Limit: keysMax + 1}
	if reader, ok := r.(fhir.HeadReader); ok {
		heads, err := reader.Heads(q)
		for _, h := range heads {
			keys = append(keys, h.Key)
		}
		return keys, len(heads) <= keysMax, err
	}
	for {
		page, err := r.Search(q)
		if err != nil {
			return nil, false, err
		}
		for _, found := range page.Resources {
			keys = append(keys, found.Key)
		}
		if q.After = page.Next; q.After == "" || len(keys) > keysMax {
			return keys, len(keys) <= keysMax, nil
		}
	}
}

// anyOf compares a reference with several.
func anyOf(param string, keys []fhir.Key) fhir.Any {
	any := make(fhir.Any, 0, len(keys))
	for _, k := range keys {
		any = append(any, match(param, k))
	}
	return any
}

// namedBy compares a reference with several, which it may also name by a business
// identifier, with its system or without, itself or in what it contains.
func namedBy(r fhir.Reader, param string, keys []fhir.Key) (fhir.Any, error) {
	any := anyOf(param, keys)
	list, err := r.ReadMany(keys)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		if one.Deleted {
			continue
		}
		doc, err := fhir.Parse(one.Body)
		if err != nil {
			return nil, err
		}
		for id := range doc.Root().Get("identifier").Each() {
			system, value := id.Get("system").Text(), id.Get("value").Text()
			if value == "" {
				continue
			}
			by := fhir.Match{Param: fhir.Param{Code: param + ":identifier", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: value}}
			if any = append(any, by); system != "" {
				by.Value = fhir.TokenValue{System: system, Code: value}
				any = append(any, by)
			}
		}
	}
	return any, nil
}

func reference(param string) fhir.Param { return fhir.Param{Code: param, Kind: fhir.ParamReference} }

// unheard refuses Subscriptions of reviewers who work for a facility: who is told of
// changes would be told of its claims.
func (m module) unheard(ctx context.Context, r fhir.Reader, _ fhir.Change) error {
	caller, ok := fhir.CallerOf(ctx)
	if veil := m.veil(); !ok || !veil.Over(caller) {
		return nil
	}
	facilities, err := workplace.Of(r, caller.Entity, m.todayOf(r))
	if err == nil && len(facilities) > 0 {
		err = forbid("%s reviews claims and works for %s, whose claims a reviewer must not see; have an account subscribe that has not the role %s", caller.Name, facilities[0], fhir.RoleReviewer)
	}
	return err
}
