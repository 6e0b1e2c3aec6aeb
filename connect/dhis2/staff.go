package dhis2

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// What a Task asks our staff to put right.
const (
	codeValues = "values-refused"
	codePlaces = "places-unknown"
)

// task gives the id of a Task: asked for again, it is the same.
func (c *client) task(code, about string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{c.set.endpoint, code, about}, "\x00")))
	return "dhis2-" + hex.EncodeToString(sum[:16])
}

// issuesMost bounds the cells that a Task names.
const issuesMost = 500

// raiseValues keeps what DHIS2 did not take of a report: a Task, in the queue where
// staff find what is to be done, with an OperationOutcome that has an issue for each
// cell. When the report is taken wholly, the Task is completed by itself.
func (c *client) raiseValues(ctx context.Context, about fhir.Key, j judgement, p payload) error {
	issues := []any{}
	for _, one := range j.conflicts[:min(len(j.conflicts), issuesMost)] {
		issues = append(issues, one.issue(p))
	}
	if len(issues) == 0 {
		issues = append(issues, map[string]any{"severity": "error", "code": "processing", "diagnostics": j.trouble})
	}
	text := fmt.Sprintf("DHIS2 (%s) did not take all of %s for %s in %s: %s. Put right what is wrong there or in the settings, then deliver again by the Subscription's $replay.",
		c.set.endpoint, p.DataSet, p.OrgUnit, p.Period, j.trouble)
	return c.raise(ctx, codeValues, about.String(), about, text, issues)
}

// issue writes a conflict as an issue, with the cells it is about.
func (c conflict) issue(p payload) map[string]any {
	var cells []string
	for _, i := range c.Indexes {
		if i >= 0 && i < len(p.DataValues) {
			v := p.DataValues[i]
			cells = append(cells, v.DataElement+" "+v.CategoryOptionCombo+" = "+v.Value)
		}
	}
	text := c.words()
	if len(cells) > 0 {
		text = listed(cells, 20) + ": " + text
	}
	issue := map[string]any{"severity": "error", "code": "processing", "diagnostics": text}
	if c.Code != "" {
		issue["details"] = map[string]any{"text": clean(c.Code)}
	}
	return issue
}

// tellUnits asks for places that DHIS2 does not know; none completes the Task.
func (c *client) tellUnits(ctx context.Context, missing []string) error {
	if len(missing) == 0 {
		return c.settle(ctx, c.task(codePlaces, ""))
	}
	slices.Sort(missing)
	text := fmt.Sprintf("DHIS2 (%s) does not know %d of our places and facilities: %s. Their numbers are not taken until it does.", c.set.endpoint, len(missing), listed(missing, 100))
	_, id, _ := strings.Cut(c.set.endpoint, "/")
	return c.raise(ctx, codePlaces, "", fhir.Key{Type: "Endpoint", ID: id}, text, nil)
}

// raise writes a Task; one that is there is asked for again, with what is wrong now.
func (c *client) raise(ctx context.Context, code, about string, focus fhir.Key, text string, issues []any) error {
	k := fhir.Key{Type: "Task", ID: c.task(code, about)}
	return c.call.Server.Commit(ctx, func(tx fhir.Tx) error {
		old, err := fhir.Tree(tx, k)
		if err != nil {
			return err
		}
		authored := tx.Now().Format(time.RFC3339)
		if old.Exists() && old.Get("status").Text() == "requested" {
			authored = old.Get("authoredOn").Text()
		}
		body := map[string]any{
			"resourceType": "Task", "id": k.ID, "status": "requested", "intent": "order", "priority": "routine",
			"code":            map[string]any{"coding": []any{map[string]string{"system": profiles.SystemDHIS2, "code": code}}},
			"focus":           map[string]string{"reference": focus.String()},
			"reasonReference": map[string]string{"reference": c.set.endpoint},
			"authoredOn":      authored, "description": text,
		}
		if len(issues) > 0 {
			body["contained"] = []any{map[string]any{"resourceType": "OperationOutcome", "id": "cells", "issue": issues}}
			body["output"] = []any{map[string]any{"type": map[string]string{"text": "What DHIS2 did not take"}, "valueReference": map[string]string{"reference": "#cells"}}}
		}
		written, err := json.Marshal(body)
		if err == nil {
			_, err = tx.Update(&fhir.Resource{Key: k, Body: written}, 0)
		}
		return err
	})
}

// settle completes a Task that waits: what it asks for was done.
func (c *client) settle(ctx context.Context, id string) error {
	k := fhir.Key{Type: "Task", ID: id}
	waits := func(r fhir.Reader) (n fhir.Node, err error) {
		if n, err = fhir.Tree(r, k); n.Get("status").Text() == "completed" {
			n = fhir.Node{}
		}
		return n, err
	}
	var waiting bool
	err := c.call.Server.View(ctx, func(r fhir.Reader) error {
		n, err := waits(r)
		waiting = n.Exists()
		return err
	})
	if err != nil || !waiting {
		return err
	}
	return c.call.Server.Commit(ctx, func(tx fhir.Tx) error {
		n, err := waits(tx)
		if err != nil || !n.Exists() {
			return err
		}
		edit := fhir.NewEdit(n.Document())
		edit.Set(n, "status", []byte(`"completed"`))
		_, err = tx.Update(&fhir.Resource{Key: k, Body: edit.Bytes()}, 0)
		return err
	})
}
