package openmrs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// A job is what our staff must put right. It is one Task, whose id is made of the
// OpenMRS, the kind and what it is about: asked for again, it is the same.
type job struct {
	code, about    string
	focus, patient fhir.Key // may be zero
	text           string
}

// job gives the id of a Task.
func (c *client) job(code, about string) string { return c.named(code, about) }

// named makes an id of what it stands for.
func (c *client) named(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{c.set.endpoint}, parts...), "\x00")))
	return "openmrs-" + hex.EncodeToString(sum[:16])
}

// raise makes the Task, unless it is there: one that waits stays as it is, one that
// was completed is asked for again, and what our staff refused to do is let be.
func (c *client) raise(ctx context.Context, j job) error {
	k := fhir.Key{Type: "Task", ID: c.job(j.code, j.about)}
	return c.call.Server.Commit(ctx, func(tx fhir.Tx) error {
		n, err := fhir.Tree(tx, k)
		if err != nil || n.Exists() && n.Get("status").Text() != "completed" {
			return err
		}
		body := map[string]any{
			"resourceType": "Task", "id": k.ID, "status": "requested", "intent": "order", "priority": "routine",
			"code":        map[string]any{"coding": []any{map[string]string{"system": profiles.SystemOpenMRS, "code": j.code}}},
			"focus":       map[string]string{"reference": c.set.endpoint},
			"authoredOn":  tx.Now().Format(time.RFC3339),
			"description": j.text,
		}
		if !j.focus.IsZero() {
			body["focus"] = map[string]string{"reference": j.focus.String()}
			body["reasonReference"] = map[string]string{"reference": c.set.endpoint}
		}
		if !j.patient.IsZero() {
			body["for"] = map[string]string{"reference": j.patient.String()}
		}
		text, err := json.Marshal(body)
		if err == nil {
			_, err = tx.Update(&fhir.Resource{Key: k, Body: text}, 0)
		}
		return err
	})
}

// settle completes those of some Tasks that still wait: what they ask for was done.
func (c *client) settle(ctx context.Context, ids ...string) error {
	keys := make([]fhir.Key, len(ids))
	for i, id := range ids {
		keys[i] = fhir.Key{Type: "Task", ID: id}
	}
	var waiting []*fhir.Resource
	err := c.call.Server.View(ctx, func(r fhir.Reader) (err error) {
		waiting, err = r.ReadMany(keys)
		return err
	})
	for _, w := range waiting {
		if err == nil {
			err = c.complete(ctx, w)
		}
	}
	return err
}

// complete completes a Task that waits, as it was read.
func (c *client) complete(ctx context.Context, w *fhir.Resource) error {
	doc, err := fhir.Parse(w.Body)
	if err != nil {
		return err
	}
	switch doc.Root().Get("status").Text() {
	case "completed", "cancelled", "rejected", "failed", "entered-in-error":
		return nil
	}
	edit := fhir.NewEdit(doc)
	edit.Set(doc.Root(), "status", []byte(`"completed"`))
	err = c.call.Server.Commit(ctx, func(tx fhir.Tx) error {
		_, err := tx.Update(&fhir.Resource{Key: w.Key, Body: edit.Bytes()}, w.Version)
		return err
	})
	if fhir.HasIssue(err, fhir.IssueConflict) {
		return nil // somebody is at it
	}
	return err
}
