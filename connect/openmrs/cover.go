package openmrs

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A picture is what OpenMRS shows of a person's cover: by attribute codes, the
// values.
type picture map[string]string

// nothing is shown where there is no value: what was shown before can't be taken
// away, only replaced.
const nothing = "-"

// valueMax is how long a person attribute may be, in characters.
const valueMax = 50

// coveragesMax bounds the memberships of one person that are looked at.
const coveragesMax = 200

// planOf refers to the plan of a Coverage. Source: R5 Coverage.insurancePlan.
const planOf = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan"

// A membership is one Coverage of a person.
type membership struct {
	word       string // "active", "pending" …
	start, end string // days; "" is open
	plan       fhir.Key
	product    string // the name or code that the Coverage itself has
}

// cover shows a person's cover in OpenMRS. The trouble is what OpenMRS did not
// take.
func (c *client) cover(ctx context.Context, k fhir.Key) (trouble string, err error) {
	p, trouble, err := c.find(ctx, k)
	if err != nil || p == nil {
		return trouble, err
	}
	shown, err := c.picture(ctx, p)
	if err != nil {
		return "", err
	}
	var troubles []string
	for _, step := range []func(context.Context, *person, picture) (string, error){c.number, c.show} {
		trouble, err := step(ctx, p, shown)
		if rejected := rejectionOf(err); rejected != nil {
			trouble, err = c.minded(ctx, k, k, rejected)
		}
		if err != nil {
			return "", err
		}
		if trouble != "" {
			troubles = append(troubles, trouble)
		}
	}
	if len(troubles) == 0 {
		err = c.settle(ctx, c.job("refused", k.String()))
	}
	return strings.Join(troubles, "; "), err
}

// minded makes a Task of what OpenMRS does not take, and would not take another
// time; what follows is told all the same.
func (c *client) minded(ctx context.Context, focus, patient fhir.Key, r *rejection) (string, error) {
	return r.Error(), c.raise(ctx, job{
		code: "refused", about: focus.String(), focus: focus, patient: patient,
		text: fmt.Sprintf("%s refused what it was told of %s: %s. Put it right there or in our register; what changes next is told again.", c.set.base, focus, cut(r.Error(), sayingMax)),
	})
}

// picture works out what is to be shown: of several memberships the one in force
// today that lasts longest, else the one that ends last.
func (c *client) picture(ctx context.Context, p *person) (picture, error) {
	shown := picture{"status": "none", "number": p.number, "expiry": "", "product": ""}
	today := c.call.Now().In(c.zone).Format(time.DateOnly)
	err := c.call.Server.View(ctx, func(r fhir.Reader) error {
		page, err := r.Search(&fhir.Query{Types: []string{"Coverage"}, Limit: coveragesMax, Where: fhir.Match{
			Param: fhir.Param{Code: "beneficiary", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: p.key},
		}})
		if err != nil {
			return err
		}
		var best *membership
		for _, resource := range page.Resources {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return err
			}
			if m := membershipOf(doc.Root(), today); m != nil && (best == nil || m.before(best)) {
				best = m
			}
		}
		if best == nil {
			return nil
		}
		plan, err := fhir.Tree(r, best.plan)
		if err != nil {
			return err
		}
		if name := plan.Get("name").Text(); name != "" {
			best.product = name
		}
		shown["status"], shown["expiry"], shown["product"] = best.word, best.end, best.product
		return nil
	})
	return shown, err
}

// membershipOf reads a Coverage as it stands on a day; nil of one that never was.
func membershipOf(n fhir.Node, today string) *membership {
	m := &membership{start: day(n.At("period", "start")), end: day(n.At("period", "end")), plan: r4.Target(n.Extension(planOf).Get("valueReference"))}
	for class := range n.Get("class").Each() {
		if class.Get("type").Code("http://terminology.hl7.org/CodeSystem/coverage-class") == "plan" && m.product == "" {
			if m.product = class.Get("name").Text(); m.product == "" {
				m.product = class.Get("value").Text()
			}
		}
	}
	state := n.Extension(profiles.ExtensionCoverageState).Get("valueCode").Text()
	over := m.end != "" && m.end < today
	switch status := n.Get("status").Text(); {
	case status == "entered-in-error":
		return nil
	case state == "suspended" && !over:
		m.word = "suspended"
	case state == "expired", state == "used", over && status == "active":
		m.word = "expired"
	case status == "draft", status == "active" && m.start > today:
		m.word = "pending"
	case status == "active":
		m.word = "active"
	default:
		m.word = "cancelled"
	}
	return m
}

// before reports whether a membership is shown rather than another.
func (m *membership) before(o *membership) bool {
	if in := m.word == "active"; in != (o.word == "active") {
		return in
	}
	if m.end != o.end {
		return m.end == "" || o.end != "" && m.end > o.end
	}
	return m.start > o.start
}

// day gives the first ten characters of a date: its day.
func day(n fhir.Node) string {
	text := n.Text()
	return text[:min(len(text), len(time.DateOnly))]
}

// The extensions by which fhir2 shows a person attribute.
const (
	extAttribute      = "http://fhir.openmrs.org/ext/person-attribute"
	extAttributeType  = "http://fhir.openmrs.org/ext/person-attribute-type"
	extAttributeValue = "http://fhir.openmrs.org/ext/person-attribute-value"
)

// An extension of FHIR.
type extension struct {
	URL       string      `json:"url"`
	Value     string      `json:"valueString,omitempty"`
	Extension []extension `json:"extension,omitempty"`
}

// show writes the attributes and reads them back: one whose type OpenMRS does not
// know is dropped there without a word.
func (c *client) show(ctx context.Context, p *person, shown picture) (trouble string, err error) {
	var patch struct {
		Extension []extension `json:"extension"`
	}
	want := map[string]string{}
	for _, a := range c.set.shown {
		value := cut(shown[a.code], valueMax)
		if value == "" {
			value = nothing
		}
		want[a.name] = value
		patch.Extension = append(patch.Extension, extension{URL: extAttribute, Extension: []extension{
			{URL: extAttributeType, Value: a.name}, {URL: extAttributeValue, Value: value},
		}})
	}
	body, err := json.Marshal(patch)
	if err != nil {
		return "", err
	}
	if _, err := c.ask(ctx, http.MethodPatch, "Patient/"+p.uuid, mediaMerge, body); err != nil {
		return "", err
	}
	there, err := c.get(ctx, "Patient/"+p.uuid)
	if err != nil {
		return "", err
	}
	for e := range there.Get("extension").Each() {
		name := e.Extension(extAttributeType).Get("valueString").Text()
		if want[name] != "" && e.Extension(extAttributeValue).Get("valueString").Text() == want[name] {
			delete(want, name)
		}
	}
	return c.kept(ctx, want)
}

// kept makes a Task, once for each, of attributes that OpenMRS does not keep, and
// closes those of the others.
func (c *client) kept(ctx context.Context, lost map[string]string) (trouble string, err error) {
	var names, well []string
	for _, a := range c.set.shown {
		if _, gone := lost[a.name]; !gone {
			well = append(well, c.job("lost-value", a.name))
			continue
		}
		names = append(names, a.name)
		err := c.raise(ctx, job{code: "lost-value", about: a.name, text: fmt.Sprintf(
			"%s does not keep the person attribute %q: make a person attribute type of this name and format java.lang.String there (with fhir2 2.6.0 or later), or name the one that is there in %s.", c.set.base, a.name, c.set.endpoint,
		)})
		if err != nil {
			return "", err
		}
	}
	if len(names) > 0 {
		trouble = "OpenMRS did not keep: " + strings.Join(names, ", ")
	}
	return trouble, c.settle(ctx, well...)
}
