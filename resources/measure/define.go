package measure

import (
	"context"
	"encoding/json"

	"bima/fhir"
	"bima/profiles/indicator"
)

// version is that of the Measures.
const version = "1.0.0"

type object map[string]any

// define stores the Measures where they are not as they should be: what is counted,
// in R4's words. They are the same in every scheme.
func (c *counter) define(ctx context.Context, s fhir.Server) error {
	p, err := indicator.New(indicator.Options{})
	if err != nil {
		return err
	}
	return s.Commit(ctx, func(tx fhir.Tx) error {
		for _, d := range p.DataSets {
			body, err := json.Marshal(definition(p, d))
			if err != nil {
				return err
			}
			if _, err := tx.Update(&fhir.Resource{Key: fhir.Key{Type: "Measure", ID: d.Measure}, Body: body}, 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// definition gives the Measure of a data set.
func definition(p *indicator.Package, d indicator.DataSet) object {
	var groups []object
	for _, e := range p.Of(d.Code) {
		groups = append(groups, element(p, e))
	}
	return object{
		"resourceType": "Measure", "id": d.Measure, "url": d.URL(), "version": version, "name": d.Code, "title": d.Name,
		"status": "active", "experimental": false, "publisher": "Bima",
		"description": "What is counted each month, quarter and year for " + units[d.Unit] + ". Amounts are of the scheme's currency.",
		"scoring":     concept("http://terminology.hl7.org/CodeSystem/measure-scoring", "cohort"),
		"group":       groups,
	}
}

// units says in words what data sets are counted for.
var units = map[indicator.Unit]string{
	indicator.Residence: "each place where families live", indicator.District: "each district", indicator.Facility: "each facility",
}

// element gives the group of a data element.
func element(p *indicator.Package, e indicator.Element) object {
	g := object{
		"code": concept(indicator.SystemElement, e.Code), "description": e.Meaning,
		"population": []object{{
			"code":        concept(indicator.SystemPopulation, "initial-population"),
			"description": e.Meaning, "criteria": criteria(e.Source),
		}},
	}
	combo, ok := p.Combo(e.Combo)
	if !ok {
		return g
	}
	var components []object
	for _, code := range combo.Categories {
		category := p.Category(code)
		components = append(components, object{"code": concept(indicator.SystemCategory, code), "description": category.Name, "criteria": criteria(category.Name)})
	}
	// With components R4 (mea-1) allows no code, so that its id names the combo, after
	// the element: ids of elements are unique within a resource.
	g["stratifier"] = []object{{"id": e.Code + "." + combo.Code, "component": components}}
	return g
}

func concept(system, code string) object {
	return object{"coding": []object{{"system": system, "code": code}}}
}

// criteria says in words what the server counts by: no expression language has all
// of it.
func criteria(words string) object { return object{"language": "text/plain", "expression": words} }
