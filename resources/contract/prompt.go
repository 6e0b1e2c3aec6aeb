package contract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
	"bima/resources/contract/calendar"
)

const (
	promptDays       = 14
	photoMonthsAdult = 60
	photoMonthsChild = 12
)

type taskJSON struct {
	ResourceType string          `json:"resourceType"`
	ID           string          `json:"id"`
	Status       string          `json:"status"`
	Intent       string          `json:"intent"`
	Code         concept         `json:"code"`
	Description  string          `json:"description"`
	Focus        reference       `json:"focus"`
	For          reference       `json:"for"`
	AuthoredOn   string          `json:"authoredOn"`
	Owner        json.RawMessage `json:"owner,omitempty"`
	Restriction  restrictionJSON `json:"restriction"`
	Input        []inputJSON     `json:"input"`
}

type restrictionJSON struct {
	Period period `json:"period"`
}

type inputJSON struct {
	Type           concept   `json:"type"`
	ValueReference reference `json:"valueReference"`
}

// promptKey gives the Task that calls to mind that a policy is to be renewed.
func promptKey(contract fhir.Key) fhir.Key {
	id := "renewal-" + contract.ID
	if !fhir.ValidID(id) {
		sum := sha256.Sum256([]byte(contract.ID))
		id = "renewal-" + hex.EncodeToString(sum[:16])
	}
	return fhir.Key{Type: "Task", ID: id}
}

// prompt makes a Task for each policy that ends soon and has none that follows:
// which plan to renew under, until when, and whose photos are to be taken anew.
// Source: openIMIS's renewal prompts.
func (s Settings) prompt(ctx context.Context, server fhir.Server, first time.Time) error {
	soon := fhir.All{
		statuses("executed", "resolved"),
		// After the day before: a period that only ends on a day is not ge that day. Source: R4 search#prefix.
		compared("period", fhir.PrefixGreater, first.AddDate(0, 0, -1)),
		compared("period", fhir.PrefixEndsBefore, first.AddDate(0, 0, or(s.PromptDays, promptDays)+1)),
	}
	on := adjudication.DayOf(first)
	return each(ctx, server, "Contract", soon, func(k fhir.Key) error {
		return server.Commit(ctx, func(tx fhir.Tx) error {
			p, err := under(tx, k)
			if err != nil || !p.ours || p.state != stateActive || p.end < on {
				return err
			}
			return s.promptFor(tx, p, on)
		})
	})
}

func (s Settings) promptFor(tx fhir.Tx, p policy, on day) error {
	key := promptKey(p.key)
	if prompted, err := current(tx, key); err != nil || prompted != nil {
		return err
	}
	all, err := policies(tx, p.holder)
	if err != nil || slices.ContainsFunc(all, func(o policy) bool { return o.start > p.end && slices.Contains(open, o.state) }) {
		return err
	}
	next, err := s.successor(tx, p.plan)
	if fhir.HasIssue(err, fhir.IssueBusinessRule) {
		next, err = nil, nil // whoever renews names the plan
	}
	if err != nil {
		return err
	}
	h, err := holderOf(tx, p.holder, "Contract.subject")
	if err != nil {
		if fhir.HasIssue(err, fhir.IssueBusinessRule) {
			return nil // nobody is left to renew for
		}
		return err
	}
	_, err = tx.Update(&fhir.Resource{Key: key, Body: s.spellPrompt(key, p, next, h, on)}, 0)
	return err
}

func (s Settings) spellPrompt(key fhir.Key, p policy, next *product, h *holder, on day) []byte {
	task := taskJSON{
		ResourceType: "Task", ID: key.ID, Status: "requested", Intent: "proposal", Code: datatype.Of(profiles.SystemTask, "renewal"),
		Description: fmt.Sprintf("The policy %s ends on %s. Renew it ($renew), or say why not.", p.node.Identifier(profiles.IdentifierPolicy), adjudication.WriteDay(p.end)),
		Focus:       datatype.To(p.key), For: datatype.To(p.holder), AuthoredOn: adjudication.WriteDay(on),
		Restriction: restrictionJSON{datatype.Between(adjudication.WriteDay(on), adjudication.WriteDay(p.end))},
	}
	if author := p.node.Get("author"); author.Exists() {
		task.Owner = author.Raw()
	}
	if next != nil {
		task.Input = append(task.Input, inputJSON{concept{Text: "plan"}, datatype.To(next.key)})
		if terms, err := next.terms(stageRenewal, on, p.end); err == nil {
			task.Restriction.Period.End = adjudication.WriteDay(max(p.end, terms.due))
		}
	}
	for _, m := range h.members {
		if s.photoIsOld(m, on, next) {
			task.Input = append(task.Input, inputJSON{concept{Text: "photo"}, datatype.To(m.key)})
		}
	}
	return datatype.JSON(task)
}

// photoIsOld reports whether a member's photo is missing, of no known day, or
// older than the scheme allows.
func (s Settings) photoIsOld(m member, on day, p *product) bool {
	majority := majorityYears
	if p != nil {
		majority = p.majority
	}
	months := or(s.PhotoMonthsChild, photoMonthsChild)
	if m.adult(on, majority) {
		months = or(s.PhotoMonthsAdult, photoMonthsAdult)
	}
	for photo := range m.node.Get("photo").Each() {
		taken, known := adjudication.ReadDay(photo.Get("creation").Text())
		if until, ok := calendar.AddMonths(calendar.Gregorian{}, taken, months); known && ok && until >= on {
			return false
		}
	}
	return true
}

// closePrompt completes the Task of a policy that has been renewed.
func closePrompt(tx fhir.Tx, contract fhir.Key) error {
	key := promptKey(contract)
	n, err := read(tx, key)
	if err != nil || !n.Exists() || n.Get("status").Text() == "completed" {
		return err
	}
	e := fhir.NewEdit(n.Document())
	e.Set(n, "status", datatype.JSON("completed"))
	_, err = tx.Update(&fhir.Resource{Key: key, Body: e.Bytes()}, 0)
	return err
}
