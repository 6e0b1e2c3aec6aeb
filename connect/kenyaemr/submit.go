package kenyaemr

import (
	"net/http"
	"strings"
	"time"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
	"bima/fhir/interaction"
)

// submit stores the claim of a message and answers with the receipt: an
// OperationOutcome whose id is that of the claim. With Prefer:
// return=representation, and for Bundles that are no messages, it is the
// ClaimResponse.
func (f *front) submit(w http.ResponseWriter, r *http.Request, m *message) {
	claim, err := m.claimOf(f.now())
	if err != nil {
		refuse(w, r, err)
		return
	}
	if failed := m.unknown(); failed != nil {
		hand(w, r, failed)
		return
	}
	stored := f.gate.Ask(r, connect.Question{
		Method: http.MethodPost, Path: "Claim", Body: dialect.Write(claim), Header: http.Header{"Prefer": {"return=minimal"}},
	})
	if stored.Status == http.StatusConflict {
		if before := f.again(r, claim); before != nil {
			stored = before
		}
	}
	if !stored.OK() {
		hand(w, r, stored)
		return
	}
	key := dialect.Target(strings.Split(stored.Header.Get("Location"), "/_history/")[0])
	decided := f.gate.Ask(r, connect.Question{Path: "ClaimResponse/" + key.ID})
	w.Header().Set("Location", stored.Header.Get("Location"))
	if !wants(r, "OperationOutcome") && (!m.message || wants(r, "representation")) {
		answer(w, r, stored.Status, decided.Body)
		return
	}
	answer(w, r, stored.Status, receipt(key, decided))
}

// receipt says that a claim arrived, and what was decided.
func receipt(claim fhir.Key, decided *connect.Answer) []byte {
	text := "received as " + claim.String()
	if disposition := decided.Node().Get("disposition").Text(); disposition != "" {
		text += ": " + disposition
	}
	doc, err := fhir.Parse(interaction.OutcomeJSON([]fhir.Issue{{
		Severity: fhir.SeverityInformation, Code: fhir.IssueInformational, Diagnostics: text,
	}}))
	if err != nil {
		panic("an OperationOutcome is always JSON: " + err.Error())
	}
	o := dialect.ObjectOf(doc.Root())
	o["id"] = claim.ID
	return dialect.Write(o)
}

// eligible asks about cover. It is answered with 200 and the response.
func (f *front) eligible(w http.ResponseWriter, r *http.Request, m *message) {
	question, err := m.questionOf(f.now())
	if err != nil {
		refuse(w, r, err)
		return
	}
	if failed := m.unknown(); failed != nil {
		hand(w, r, failed)
		return
	}
	a := f.gate.Ask(r, connect.Question{
		Method: http.MethodPost, Path: "CoverageEligibilityRequest/$submit", Body: dialect.Write(question),
	})
	if a.OK() {
		a.Body = dialect.Write(inMoney(dialect.ObjectOf(a.Node())))
	}
	hand(w, r, a)
}

// inMoney leaves of a response about cover the benefits in money, each with what is
// allowed and what is used: the client takes every benefit for one, and subtracts. It
// reads of every item, too, whether that must be agreed to; no ceiling must.
// Numbers of visits and the like are in the response as it is stored.
func inMoney(response dialect.Object) dialect.Object {
	for _, insurance := range dialect.Each(response, "insurance") {
		items := []any{}
		for _, item := range dialect.Each(insurance, "item") {
			benefits := []any{}
			for _, benefit := range dialect.Each(item, "benefit") {
				allowed := dialect.Child(benefit, "allowedMoney")
				if allowed == nil {
					continue
				}
				if dialect.Child(benefit, "usedMoney") == nil {
					benefit["usedMoney"] = dialect.Clean(dialect.Object{"value": number(0), "currency": allowed["currency"]})
				}
				benefits = append(benefits, benefit)
			}
			item["benefit"] = benefits
			if len(benefits) == 0 {
				delete(item, "benefit")
			}
			if item["authorizationRequired"] == nil {
				item["authorizationRequired"] = false
			}
			if len(benefits) > 0 || item["productOrService"] != nil {
				items = append(items, item)
			}
		}
		if insurance["item"] = items; len(items) == 0 {
			delete(insurance, "item")
		}
	}
	return response
}

// questionOf makes the clean R4 CoverageEligibilityRequest that is stored.
func (m *message) questionOf(now time.Time) (dialect.Object, error) {
	q, ok := dialect.Clean(m.question).(dialect.Object)
	if !ok {
		return nil, fhir.Errorf(fhir.IssueStructure, "Bundle.entry.resource", "the CoverageEligibilityRequest is empty")
	}
	delete(q, "id")
	delete(q, "meta")
	m.fill(q, "status", "active", "active")
	m.fill(q, "purpose", []any{"benefits"}, "benefits")
	m.fill(q, "created", now.Format(time.RFC3339), "the moment it came")
	m.fill(q, "insurer", dialect.Object{"display": "the scheme"}, "the scheme")
	for name, types := range map[string][]string{
		"patient": {"Patient"}, "provider": {"Organization", "Practitioner", "PractitionerRole"},
		"insurer": {"Organization"}, "enterer": {"Practitioner", "PractitionerRole"}, "facility": {"Location"},
	} {
		if ref := dialect.Child(q, name); ref != nil {
			q[name] = m.party(ref, types...)
		}
	}
	for _, one := range dialect.Each(q, "insurance") {
		one["coverage"] = m.party(dialect.Child(one, "coverage"), "Coverage")
	}
	for _, item := range dialect.Each(q, "item") {
		m.service(item)
	}
	m.mark(q)
	return q, nil
}
