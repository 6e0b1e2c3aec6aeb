package openmrs

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/subscription"
	"bima/profiles"
)

// personsMax bounds the members of one policy.
const personsMax = 500

// persons gives whom a change of a Coverage, Contract or Patient is about.
func (c *client) persons(ctx context.Context, k fhir.Key, n fhir.Node) ([]fhir.Key, error) {
	switch k.Type {
	case "Patient":
		return []fhir.Key{k}, nil
	case "Coverage":
		if person := r4.Target(n.Get("beneficiary")); person.Type == "Patient" {
			return []fhir.Key{person}, nil
		}
		return nil, nil
	}
	var list []fhir.Key
	err := c.call.Server.View(ctx, func(r fhir.Reader) error {
		page, err := r.Search(&fhir.Query{Types: []string{"Coverage"}, Limit: personsMax, Where: fhir.Match{
			Param: fhir.Param{Code: "contract", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: k},
		}})
		if err != nil {
			return err
		}
		list = nil
		seen := map[fhir.Key]bool{}
		for _, resource := range page.Resources {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return err
			}
			if person := r4.Target(doc.Root().Get("beneficiary")); person.Type == "Patient" && !seen[person] {
				seen[person] = true
				list = append(list, person)
			}
		}
		return nil
	})
	return list, err
}

// A person is one of ours, and who he is in OpenMRS.
type person struct {
	key    fhir.Key
	number string // of insurance
	uuid   string
}

// find finds a person of ours in OpenMRS, nil where he is not to be found. Who is not there, or is there more than
// once, is a Task for our staff; trouble says so.
func (c *client) find(ctx context.Context, k fhir.Key) (p *person, trouble string, err error) {
	var n fhir.Node
	err = c.call.Server.View(ctx, func(r fhir.Reader) (err error) { n, err = fhir.Tree(r, k); return err })
	if err != nil || !n.Exists() {
		return nil, "", err
	}
	p = &person{key: k, number: n.Identifier(profiles.IdentifierInsuranceNumber)}
	ways := []struct {
		systems []string
		value   string
	}{{c.set.numberSystems, p.number}, {c.set.nationalSystems, n.Identifier(profiles.IdentifierNational)}}
	for i, way := range ways {
		if way.value == "" || i > 0 && len(way.systems) == 0 {
			continue
		}
		uuids, err := c.search(ctx, way.systems, way.value)
		if err != nil {
			return nil, "", err
		}
		switch len(uuids) {
		case 0:
		case 1:
			p.uuid = uuids[0]
			return p, "", c.settle(ctx, c.job("unknown-person", k.ID), c.job("ambiguous-person", k.ID))
		default:
			trouble = "OpenMRS knows several persons by the number of " + k.String()
			return nil, trouble, c.raise(ctx, job{
				code: "ambiguous-person", about: k.ID, focus: k, patient: k,
				text: fmt.Sprintf("%s knows several persons by the number of %s. Merge them there, or correct the number; what was to be shown there is shown with the next change.", c.set.base, k),
			})
		}
	}
	trouble = "OpenMRS knows nobody by the number of " + k.String()
	return nil, trouble, c.raise(ctx, job{
		code: "unknown-person", about: k.ID, focus: k, patient: k,
		text: fmt.Sprintf("%s knows nobody by the number of %s. Enter it there as an identifier of the patient, or correct it, and see that its system is mapped; what was to be shown there is shown with the next change.", c.set.base, k),
	})
}

// search gives the uuids of the patients who bear a number under one of some
// systems, or under any where none is named; at most two.
func (c *client) search(ctx context.Context, systems []string, value string) ([]string, error) {
	tokens := []string{escaped(value)}
	if len(systems) > 0 {
		tokens = nil
		for _, system := range systems {
			tokens = append(tokens, escaped(system)+"|"+escaped(value))
		}
	}
	bundle, err := c.get(ctx, "Patient?identifier="+url.QueryEscape(strings.Join(tokens, ","))+"&_elements=id&_count=2")
	if rejected := rejectionOf(err); rejected != nil {
		err = subscription.Refused(rejected) // it asks for nothing that OpenMRS could mind of this person
	}
	if err != nil {
		return nil, err
	}
	var uuids []string
	for e := range bundle.Get("entry").Each() {
		if r := e.Get("resource"); r.Get("resourceType").Text() == "Patient" && r.Get("id").Text() != "" {
			uuids = append(uuids, r.Get("id").Text())
		}
	}
	return uuids, nil
}

// escaped writes a text as a part of a search value. Source: R4 search#escaping.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, `|`, `\|`, `,`, `\,`, `$`, `\$`).Replace(text)
}
