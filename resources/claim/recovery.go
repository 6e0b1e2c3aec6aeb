package claim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// claimsMax bounds how many claims one Task lists; a note says where there are
// more.
const claimsMax = 500

// A difference is what a decision anew has changed for a claim.
type difference struct {
	claim       fhir.Key
	before, now fhir.Money // what was granted and is
}

// recoveries are the differences of a transaction, by policy; by membership where
// that is of no policy.
type recoveries map[fhir.Key][]difference

// note adds what became of a claim.
func (r recoveries) note(t touch, p *pending) {
	under := t.Contract
	if under.IsZero() {
		under = t.Trigger
	}
	if p.answered {
		r[under] = append(r[under], difference{p.key, granted(p.earlier), granted(p.answer)})
	}
}

// write brings the Task of each policy up to date: one lists all claims for which
// less is granted now than when the Task was opened. Nothing left to recover, it
// is cancelled; completed by a person, the next difference opens it anew.
func (r recoveries) write(tx fhir.Tx) error {
	for _, contract := range slices.SortedFunc(maps.Keys(r), func(a, b fhir.Key) int { return strings.Compare(a.ID, b.ID) }) {
		if err := tx.Lock(contract.String()); err != nil {
			return err
		}
		key := recoveryKey(contract)
		task, err := fhir.Tree(tx, key)
		if err != nil {
			return err
		}
		open := slices.Contains([]string{"requested", "received", "accepted", "ready", "in-progress", "on-hold"}, task.Get("status").Text())
		list := merged(task, open, r[contract])
		if len(list) == 0 && !open {
			continue
		}
		body, err := spellRecovery(tx, key, contract, task, list)
		if err != nil {
			return err
		}
		if _, err := tx.Update(&fhir.Resource{Key: key, Body: body}, 0); err != nil {
			return err
		}
	}
	return nil
}

// recoveryKey gives the Task of a policy, or of a membership without one.
func recoveryKey(under fhir.Key) fhir.Key {
	id := "redecision-" + under.ID
	if under.Type != "Contract" {
		id = "redecision-" + under.Type + "-" + under.ID
	}
	if !fhir.ValidID(id) {
		sum := sha256.Sum256([]byte(under.String()))
		id = "redecision-" + hex.EncodeToString(sum[:16])
	}
	return fhir.Key{Type: "Task", ID: id}
}

// merged adds differences to those a Task lists while it is open, and keeps what
// is to be recovered.
func merged(task fhir.Node, open bool, news []difference) []difference {
	var list []difference
	for i := range task.Get("input").Each() {
		change := i.Extension(profiles.ExtensionRedecision)
		if k := r4.Target(i.Get("valueReference")); open && k.Type == "Claim" {
			list = append(list, difference{k, moneyOf(change.Extension("before").Get("valueMoney")), moneyOf(change.Extension("now").Get("valueMoney"))})
		}
	}
	for _, d := range news {
		if i := slices.IndexFunc(list, func(l difference) bool { return l.claim == d.claim }); i >= 0 {
			list[i].now = d.now
			continue
		}
		list = append(list, d)
	}
	return slices.DeleteFunc(list, func(d difference) bool { return d.now.Value >= d.before.Value })
}

func moneyOf(n fhir.Node) fhir.Money {
	value, err := fhir.ParseAmount(n.Get("value").Text())
	if err != nil {
		return fhir.Money{}
	}
	return fhir.Money{Value: value, Currency: n.Get("currency").Text()}
}

type (
	referenceJSON struct {
		Reference string `json:"reference"`
	}
	coding struct {
		System string `json:"system"`
		Code   string `json:"code"`
	}
	concept struct {
		Coding []coding `json:"coding,omitempty"`
		Text   string   `json:"text,omitempty"`
	}
	moneyJSON struct {
		Value    json.Number `json:"value"`
		Currency string      `json:"currency,omitempty"`
	}
	extension struct {
		URL        string      `json:"url"`
		Extension  []extension `json:"extension,omitempty"`
		ValueMoney *moneyJSON  `json:"valueMoney,omitempty"`
	}
	inputJSON struct {
		Extension      []extension   `json:"extension"`
		Type           concept       `json:"type"`
		ValueReference referenceJSON `json:"valueReference"`
	}
	taskJSON struct {
		ResourceType string          `json:"resourceType"`
		ID           string          `json:"id"`
		Status       string          `json:"status"`
		StatusReason *concept        `json:"statusReason,omitempty"`
		Intent       string          `json:"intent"`
		Code         concept         `json:"code"`
		Description  string          `json:"description"`
		Focus        referenceJSON   `json:"focus"`
		For          json.RawMessage `json:"for,omitempty"`
		AuthoredOn   string          `json:"authoredOn"`
		Input        []inputJSON     `json:"input,omitempty"`
	}
)

// spellRecovery writes the Task.
func spellRecovery(tx fhir.Tx, key, contract fhir.Key, earlier fhir.Node, list []difference) ([]byte, error) {
	policy, err := fhir.Tree(tx, contract)
	if err != nil {
		return nil, err
	}
	holder := policy.Get("subject").First()
	if !holder.Exists() {
		holder = policy.Get("beneficiary")
	}
	t := taskJSON{
		ResourceType: "Task", ID: key.ID, Status: "requested", Intent: "order",
		Code:        concept{Coding: []coding{{profiles.SystemTask, "redecision"}}},
		Description: "Cover under " + contract.String() + " has changed for days that are over. Recover what was granted for these claims and is not any more.",
		Focus:       referenceJSON{contract.String()}, For: holder.Raw(), AuthoredOn: tx.Now().Format(time.RFC3339),
	}
	if status := earlier.Get("status").Text(); status != "" && len(list) > 0 && status != "completed" && status != "cancelled" {
		t.Status, t.AuthoredOn = status, earlier.Get("authoredOn").Text()
	}
	if len(list) == 0 {
		t.Status, t.StatusReason = "cancelled", &concept{Text: "All is granted again: nothing is left to recover."}
	}
	if len(list) > claimsMax {
		t.Description += " There are more than are listed here."
		list = list[:claimsMax]
	}
	for _, d := range list {
		t.Input = append(t.Input, inputJSON{
			Extension: []extension{{URL: profiles.ExtensionRedecision, Extension: []extension{d.amount("before", d.before), d.amount("now", d.now)}}},
			Type:      concept{Text: "claim"}, ValueReference: referenceJSON{d.claim.String()},
		})
	}
	return json.Marshal(t)
}

// amount spells one of the amounts; nothing granted is 0 of the other's currency.
func (d difference) amount(name string, m fhir.Money) extension {
	if m.Currency == "" {
		m.Currency = d.before.Currency
	}
	return extension{URL: name, ValueMoney: &moneyJSON{json.Number(m.Value.String()), m.Currency}}
}
