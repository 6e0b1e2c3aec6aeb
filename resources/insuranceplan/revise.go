package insuranceplan

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/profiles"
)

// revise is InsurancePlan/{id}/$revise: it makes the next version of a product, a
// draft.
func (m module) revise(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	caller, _ := fhir.CallerOf(ctx)
	if !caller.Has(fhir.RoleAdministrator) && !caller.Has(fhir.RoleIntegration) {
		return nil, fhir.Errorf(fhir.IssueForbidden, "", "%s may not revise products; that is for the roles %s and %s", caller.Name, fhir.RoleAdministrator, fhir.RoleIntegration)
	}
	f, err := parameters.Of(in)
	if err != nil {
		return nil, err
	}
	if err := f.Only("start", "version", "plan"); err != nil {
		return nil, err
	}
	var made *fhir.Resource
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		made = nil
		old, err := tx.Read(on)
		if err != nil {
			return err
		}
		if old.Deleted {
			return fhir.Errorf(fhir.IssueDeleted, "", "%s has been deleted", on)
		}
		body, err := m.next(tx, f, old)
		if err != nil {
			return err
		}
		made, err = tx.Create(&fhir.Resource{Key: fhir.Key{Type: "InsurancePlan"}, Body: body})
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Status: http.StatusCreated, Resource: made, Location: made.Key}, nil
}

// next writes the version that follows.
func (m module) next(tx fhir.Tx, f parameters.Form, old *fhir.Resource) ([]byte, error) {
	doc, err := fhir.Parse(old.Body)
	if err != nil {
		return nil, err
	}
	plan := doc.Root()
	code := plan.Identifier(profiles.IdentifierProduct)
	if code == "" {
		return nil, refuse("InsurancePlan.identifier", "%s is no product of the scheme; it has no product number", old.Key)
	}
	start, err := f.Day("start", m.nextStart(tx, plan))
	if err != nil {
		return nil, err
	}
	if from := fhir.WholeDays(plan.Get("period")).From; !from.IsZero() && start <= from.Format(time.DateOnly) {
		return nil, refuse(parameters.Expression("start"), "the next version begins after %s, the first day of this one", from.Format(time.DateOnly))
	}
	version := f.Value("version").Text()
	if version == "" {
		version = code + "|" + start[:len("2026-01")]
	}
	says := plan
	for _, p := range f.All("plan") {
		says = p.Get("resource")
		if says.Get("resourceType").Text() != "InsurancePlan" {
			return nil, fhir.Errorf(fhir.IssueInvalid, parameters.Expression("plan"), "plan is an InsurancePlan")
		}
	}
	return revised(says, old.Key, code, version, start)
}

// nextStart gives the day after the product ends, or else the first day of the
// next month.
func (m module) nextStart(tx fhir.Tx, plan fhir.Node) string {
	if end := fhir.WholeDays(plan.Get("period")).To; !end.IsZero() {
		return end.Format(time.DateOnly)
	}
	y, month, _ := tx.Now().In(m.zone).Date()
	return time.Date(y, month+1, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// replaced are the members that a next version has of its own.
var replaced = []string{"resourceType", "id", "meta", "text", "extension", "identifier", "status", "period"}

// revised writes what a plan says under another version, with the members in the
// order they came in.
func revised(says fhir.Node, old fhir.Key, code, version, start string) ([]byte, error) {
	type object = map[string]any
	extensions := kept(says.Get("extension"), func(e fhir.Node) bool { return e.Get("url").Text() != profiles.ExtensionProductPredecessor })
	identifiers := kept(says.Get("identifier"), func(i fhir.Node) bool {
		return i.Get("system").Text() != profiles.IdentifierProduct && i.Get("system").Text() != profiles.IdentifierProductVersion
	})
	period := object{"start": start}
	if end := says.At("period", "end").Text(); end >= start {
		period["end"] = end
	}
	var out bytes.Buffer
	out.WriteString(`{"resourceType":"InsurancePlan"`)
	for _, m := range []struct {
		name  string
		value any
	}{
		{"extension", append(extensions, object{"url": profiles.ExtensionProductPredecessor, "valueReference": object{"reference": old.String()}})},
		{"identifier", append([]any{
			object{"use": "official", "system": profiles.IdentifierProduct, "value": code},
			object{"use": "secondary", "system": profiles.IdentifierProductVersion, "value": version},
		}, identifiers...)},
		{"status", "draft"},
		{"period", period},
	} {
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		out.WriteString(`,"` + m.name + `":`)
		out.Write(value)
	}
	for m := range says.All() {
		if !slices.Contains(replaced, m.Name()) {
			out.WriteString(`,"` + m.Name() + `":`)
			out.Write(m.Raw())
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// kept gives those elements of an array that are wanted, as they are.
func kept(array fhir.Node, wanted func(fhir.Node) bool) []any {
	var list []any
	for e := range array.Each() {
		if wanted(e) {
			list = append(list, json.RawMessage(e.Raw()))
		}
	}
	return list
}
