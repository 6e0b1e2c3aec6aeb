package openmrs

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// A memory is which Task in OpenMRS tells of a decision: OpenMRS gives its Tasks
// uuids of its own and keeps no identifier of ours, so that without one each
// version of a decision would be another Task. It is a Basic whose id is made of
// the OpenMRS and the decision; it is no Task of ours, since it asks nobody for
// anything.
type memory struct {
	about fhir.Key // the ClaimResponse
	key   fhir.Key // the Basic
	uuid  string   // "" is not known
	began bool     // whether a Task was to be made already
	since time.Time
}

// recall gives what is remembered of a decision. A uuid of another OpenMRS, which
// this Endpoint once was, does not count.
func (c *client) recall(ctx context.Context, about fhir.Key) (*memory, error) {
	m := &memory{about: about, key: fhir.Key{Type: "Basic", ID: c.named("decision", about.String())}}
	err := c.call.Server.View(ctx, func(r fhir.Reader) error {
		kept, err := r.ReadMany([]fhir.Key{m.key})
		if err != nil || len(kept) == 0 {
			return err
		}
		doc, err := fhir.Parse(kept[0].Body)
		if err != nil {
			return err
		}
		i := doc.Root().Get("identifier").First()
		if system := i.Get("system").Text(); system == c.set.base+"/Task" {
			m.uuid = strings.TrimPrefix(i.Get("value").Text(), aboutToMake)
			m.began, m.since = true, kept[0].Updated
		}
		return nil
	})
	return m, err
}

// aboutToMake stands for the uuid while a Task is being made.
const aboutToMake = "(none yet)"

// remember keeps it.
func (c *client) remember(ctx context.Context, m *memory) error {
	value := m.uuid
	if value == "" {
		value = aboutToMake
	}
	body, err := json.Marshal(map[string]any{
		"resourceType": "Basic", "id": m.key.ID,
		"identifier": []any{map[string]string{"system": c.set.base + "/Task", "value": value}},
		"code":       map[string]any{"coding": []any{map[string]string{"system": profiles.SystemOpenMRS, "code": "decision"}}},
		"subject":    map[string]string{"reference": m.about.String()},
	})
	if err != nil {
		return err
	}
	return c.call.Server.Commit(ctx, func(tx fhir.Tx) error {
		_, err := tx.Update(&fhir.Resource{Key: m.key, Body: body}, 0)
		return err
	})
}

// pagesMax bounds how many pages of Tasks are looked through, and taskPage is how
// many Tasks each has: as many as fhir2 gives.
const (
	pagesMax = 50
	taskPage = "100"
)

// apart is how far the clocks of the two sides may be apart.
const apart = 24 * time.Hour

// lookFor finds the Task that tells of a decision, where its uuid is not known. It
// is asked for by what it is based on; but fhir2 before 2.7 does not find absolute
// URLs so. Where a Task was to be made already, all Tasks since then are looked at.
func (c *client) lookFor(ctx context.Context, m *memory) (string, error) {
	uuid, err := c.lookThrough(ctx, url.Values{"based-on": {c.url(m.about)}, "_count": {taskPage}}, m)
	if rejectionOf(err) != nil {
		err = nil // it can't be asked for so
	}
	if uuid != "" || err != nil || !m.began {
		return uuid, err
	}
	return c.lookThrough(ctx, url.Values{"_lastUpdated": {"ge" + m.since.Add(-apart).UTC().Format(time.RFC3339)}, "_count": {taskPage}}, m)
}

// lookThrough looks through a search of Tasks, page by page, for the one that is
// based on the decision.
func (c *client) lookThrough(ctx context.Context, query url.Values, m *memory) (string, error) {
	path := "Task?" + query.Encode()
	for page := range pagesMax {
		bundle, err := c.get(ctx, path)
		if rejected := rejectionOf(err); rejected != nil && page > 0 {
			return "", errors.New("the next page of the Tasks in OpenMRS has expired") // it is asked for anew
		}
		if err != nil {
			return "", err
		}
		for e := range bundle.Get("entry").Each() {
			for on := range e.At("resource", "basedOn").Each() {
				if on.Get("reference").Text() == c.url(m.about) {
					return e.At("resource", "id").Text(), nil
				}
			}
		}
		if path = c.next(bundle); path == "" {
			break
		}
	}
	return "", nil
}

// next gives the next page of a search, below the base; "" after the last.
func (c *client) next(bundle fhir.Node) string {
	for link := range bundle.Get("link").Each() {
		if link.Get("relation").Text() != "next" {
			continue
		}
		// The address it knows itself by may be another than ours.
		if u, err := url.Parse(link.Get("url").Text()); err == nil && u.RawQuery != "" {
			return "?" + u.RawQuery
		}
	}
	return ""
}
