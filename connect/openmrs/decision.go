package openmrs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/subscription"
)

// noteMax is how long the text of a Task may be in OpenMRS, in characters; so is a
// reference.
const noteMax = 255

// A notice is what a Task in OpenMRS says of a decision.
type notice struct {
	status string // of the Task
	text   string
}

// decision tells of a ClaimResponse by a Task: the same one for all its versions.
// One that is no longer (there is false) cancels the Task.
func (c *client) decision(ctx context.Context, e fhir.Event, n fhir.Node, there bool) (subscription.Verdict, error) {
	told, err := c.recall(ctx, e.Key)
	if err != nil {
		return subscription.Verdict{}, err
	}
	say, err := c.notice(ctx, n)
	if err != nil {
		return subscription.Verdict{}, err
	}
	if !there || n.Get("status").Text() != "active" {
		say.status, say.text = "cancelled", "This decision was withdrawn."
	}
	if told.uuid == "" && !told.began && (say.status == "cancelled" || waits(n)) {
		return subscription.Verdict{}, nil // nobody was told anything, and there is nothing to tell
	}
	patient := r4.Target(n.Get("patient"))
	p, trouble, err := c.find(ctx, patient)
	if err != nil || p == nil {
		return subscription.Verdict{Trouble: trouble}, err
	}
	trouble, err = c.tell(ctx, told, p, say)
	if rejected := rejectionOf(err); rejected != nil {
		trouble, err = c.minded(ctx, e.Key, patient, rejected)
	}
	return subscription.Verdict{Trouble: trouble}, err
}

// waits reports whether nothing is decided yet.
func waits(n fhir.Node) bool { return n.Get("outcome").Text() == "queued" }

// notice says a decision in words. What was paid needs nobody; what was refused, or
// is looked at again, waits for the clerk.
func (c *client) notice(ctx context.Context, n fhir.Node) (notice, error) {
	say := notice{status: "requested"}
	var claim fhir.Node
	err := c.call.Server.View(ctx, func(r fhir.Reader) (err error) {
		claim, err = fhir.Tree(r, r4.Target(n.Get("request")))
		return err
	})
	if err != nil {
		return say, err
	}
	number := claim.Get("identifier").First().Get("value").Text()
	if number == "" {
		number = n.Get("id").Text()
	}
	kind := map[string]string{"preauthorization": "Preauthorization", "predetermination": "Estimate"}[n.Get("use").Text()]
	if kind == "" {
		kind = "Claim"
	}
	word := "rejected"
	switch granted := granted(n); {
	case waits(n):
		word = "is being decided"
	case n.Get("outcome").Text() == "error":
		word = "could not be decided"
	case granted:
		word, say.status = "accepted", "completed"
	}
	say.text = cut(fmt.Sprintf("%s %s %s: %s", kind, number, word, n.Get("disposition").Text()), noteMax)
	return say, nil
}

// granted reports whether a decision grants anything.
func granted(n fhir.Node) bool {
	for total := range n.Get("total").Each() {
		if total.Get("category").Code("http://terminology.hl7.org/CodeSystem/adjudication") != "benefit" {
			continue
		}
		amount, err := fhir.ParseAmount(total.At("amount", "value").Text())
		return err == nil && amount > 0
	}
	return false
}

// tell writes the Task that is there, or makes one.
func (c *client) tell(ctx context.Context, told *memory, p *person, say notice) (trouble string, err error) {
	if told.uuid == "" {
		if told.uuid, err = c.lookFor(ctx, told); err != nil {
			return "", err
		}
		if told.uuid != "" {
			if err := c.remember(ctx, told); err != nil {
				return "", err
			}
		}
	}
	if told.uuid != "" {
		body, err := json.Marshal(map[string]any{"status": say.status, "note": []any{map[string]string{"text": say.text}}})
		if err != nil {
			return "", err
		}
		answer, err := c.ask(ctx, http.MethodPatch, "Task/"+told.uuid, mediaMerge, body)
		if rejected := rejectionOf(err); !rejected.gone() {
			if err != nil {
				return "", err
			}
			return c.noted(ctx, told, answer, say)
		}
		told.uuid = "" // somebody deleted it there
	}
	if say.status == "cancelled" {
		return "", c.remember(ctx, told)
	}
	return c.post(ctx, told, p, say)
}

// post makes the Task. That it is about to is remembered first, and its uuid after:
// so a crash between leaves a trace, by which the Task is looked for.
func (c *client) post(ctx context.Context, told *memory, p *person, say notice) (trouble string, err error) {
	if err := c.remember(ctx, told); err != nil {
		return "", err
	}
	body, err := c.task(told.about, p, say)
	if err != nil {
		return "", err
	}
	answer, err := c.ask(ctx, http.MethodPost, "Task", mediaFHIR, body)
	if err != nil {
		return "", err
	}
	if told.uuid = answer.Get("id").Text(); told.uuid == "" {
		return "", errors.New("OpenMRS answered without the id of the Task it made")
	}
	if err := c.remember(ctx, told); err != nil {
		return "", err
	}
	return c.noted(ctx, told, answer, say)
}

// task writes the Task of a decision. Each reference has its type: without one
// fhir2 fails.
func (c *client) task(about fhir.Key, p *person, say notice) ([]byte, error) {
	reference := func(typ, text string) map[string]string { return map[string]string{"type": typ, "reference": text} }
	body := map[string]any{
		"resourceType": "Task", "status": say.status, "intent": "order",
		"for":     reference("Patient", "Patient/"+p.uuid),
		"basedOn": []any{reference(about.Type, c.url(about))},
		"note":    []any{map[string]string{"text": say.text}},
	}
	if c.set.taskOwner != "" {
		body["owner"] = reference("Practitioner", c.set.taskOwner)
	}
	if c.set.taskCode != nil {
		body["code"] = map[string]any{"coding": []any{json.RawMessage(bytes.Clone(c.set.taskCode))}}
	}
	return json.Marshal(body)
}

// url gives where a resource of ours is, as OpenMRS is told it.
func (c *client) url(k fhir.Key) string { return c.call.Base + "/" + k.String() }

// noted holds what OpenMRS made of a Task against what it was told: earlier
// versions of fhir2 keep no note, and no code that is mapped to no concept.
func (c *client) noted(ctx context.Context, told *memory, answer fhir.Node, say notice) (trouble string, err error) {
	lost := ""
	switch {
	case answer.Get("note").First().Get("text").Text() != say.text:
		lost = "Task.note"
	case c.set.taskCode != nil && !answer.Get("code").Exists():
		lost = "Task.code"
	}
	if lost == "" {
		return "", c.settle(ctx, c.job("lost-value", "Task.note"), c.job("lost-value", "Task.code"), c.job("refused", told.about.String()))
	}
	return "OpenMRS did not keep " + lost, c.raise(ctx, job{code: "lost-value", about: lost, text: fmt.Sprintf(
		"%s does not keep %s of the Tasks that tell of decisions: it takes a later version of fhir2, and a concept that the code of %s is mapped to.", c.set.base, lost, c.set.endpoint,
	)})
}
