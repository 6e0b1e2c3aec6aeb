package tables

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"regexp"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// A Product is an InsurancePlan that was read of a folder.
type Product struct {
	Key     fhir.Key
	Version string // its version number
	Body    []byte // the InsurancePlan, JSON

	places []place
	top    row
}

// A place is where what an expression names comes from.
type place struct {
	expression string
	row        row
	column     string
}

// Fault gives what is wrong with the InsurancePlan as what is wrong with the
// table: at the cell that the expression comes from, or the row of the product.
func (p Product) Fault(issue fhir.Issue) Fault {
	at := place{row: p.top}
	for _, place := range p.places {
		rest, under := strings.CutPrefix(issue.Expression, place.expression)
		if under && (rest == "" || rest[0] == '.' || rest[0] == '[') && len(place.expression) > len(at.expression) {
			at = place
		}
	}
	rule, wayOut, _ := strings.Cut(issue.Diagnostics, "; ")
	return Fault{File: at.row.file, Line: at.row.line, Column: at.column, Rule: rule, WayOut: wayOut}
}

// Read makes the products of a folder of tables. With any fault there are no
// products. What is told is what the tables can't mean; whether the products make
// sense is asked of insuranceplan.Check, whose issues Product.Fault places.
func Read(files fs.FS) ([]Product, []Fault) {
	r := &reader{}
	var rows []row
	for _, t := range Tables() {
		rows = append(rows, r.rows(files, t)...)
	}
	return r.read(rows)
}

// read makes the products of the rows of all tables, those of the products first.
func (r *reader) read(rows []row) ([]Product, []Fault) {
	for _, line := range rows {
		if line.file == fileProducts {
			r.product(line)
		}
	}
	if len(r.drafts) == 0 && len(r.list) == 0 {
		r.add(row{file: fileProducts}, "", "give it a row for each product", "there is no product")
	}
	r.convert()
	for _, line := range rows {
		if line.file == fileProducts {
			continue
		}
		if d := r.of(line); d != nil {
			r.line(d, line)
		}
	}
	if len(r.list) > 0 {
		return nil, r.list
	}
	return r.finish()
}

// A reader is one run of Read.
type reader struct {
	faults
	drafts []*draft
}

// A draft is a product in the making.
type draft struct {
	top      row
	number   string
	version  string
	currency string
	resource insurancePlan
	covered  map[coding]int // the places of entries in the coverage
	costed   map[coding]int // and in the plan
	places   []place
}

func (d *draft) from(expression string, r row, column string) {
	d.places = append(d.places, place{expression, r, column})
}

// of finds the product that a row is about.
func (r *reader) of(line row) *draft {
	name := line.get("product")
	var found []*draft
	for _, d := range r.drafts {
		if d.version == name {
			return d
		}
		if d.number == name {
			found = append(found, d)
		}
	}
	switch {
	case name == "":
	case len(found) == 0:
		r.add(line, "product", "add it there, or correct the number", "there is no product %.60q in %s", name, fileProducts)
	case len(found) > 1:
		r.add(line, "product", "name the version, such as "+found[0].version, "there are %d versions of %.60q in %s", len(found), name, fileProducts)
	default:
		return found[0]
	}
	return nil
}

// line reads a row of another table than that of the products.
func (r *reader) line(d *draft, line row) {
	switch line.file {
	case fileBenefits:
		r.benefit(d, line)
	case fileCosts:
		r.cost(d, line)
	case fileContributions:
		r.contribution(d, line)
	case fileEmployment:
		r.employment(d, line)
	case fileDiscounts:
		r.discount(d, line)
	case fileRelative:
		r.relative(d, line)
	case fileCapitation:
		r.capitation(d, line)
	case fileReviews:
		r.review(d, line)
	case fileGroups:
		r.group(d, line)
	}
}

// unfit are the characters that no id has.
var unfit = regexp.MustCompile(`[^a-z0-9.-]+`)

// identify gives a product its numbers and its id.
func (r *reader) identify(d *draft) {
	d.number, d.version = d.top.get("product"), d.top.get("version")
	start := d.top.get("start")
	if d.version == "" && len(start) >= len("2026-01") {
		d.version = d.number + "|" + start[:len("2026-01")]
	}
	id := d.top.get("id")
	if id == "" {
		id = strings.Trim(unfit.ReplaceAllString(strings.ToLower(d.version), "-"), "-")
	}
	if id != "" && !fhir.ValidID(id) {
		r.add(d.top, "id", "give it up to 64 letters, digits, points and hyphens", "%.80q is no id", id)
	}
	for _, other := range r.drafts {
		if other.resource.ID == id || other.version == d.version {
			r.add(d.top, "version", "give each its own version and id", "row %d is the same version of the same product", other.top.line)
		}
	}
	d.resource.ID = id
	d.resource.Identifier = []identifier{
		{"official", profiles.IdentifierProduct, d.number}, {"secondary", profiles.IdentifierProductVersion, d.version},
	}
	d.from("InsurancePlan.identifier", d.top, "version")
}

// finish writes the products down.
func (r *reader) finish() ([]Product, []Fault) {
	products := make([]Product, 0, len(r.drafts))
	for _, d := range r.drafts {
		if len(d.covered) == 0 {
			r.add(d.top, "", "name what it covers in "+fileBenefits, "the product covers nothing")
		}
		d.complete()
		var body bytes.Buffer
		encoder := json.NewEncoder(&body)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(d.resource); err != nil {
			r.add(d.top, "", "", "the product can't be written: %v", err)
			continue
		}
		products = append(products, Product{
			Key: fhir.Key{Type: "InsurancePlan", ID: d.resource.ID}, Version: d.version, Body: bytes.TrimSpace(body.Bytes()), places: d.places, top: d.top,
		})
	}
	if len(r.list) > 0 {
		return nil, r.list
	}
	return products, nil
}

// complete fills in what R4 wants of a plan that says nothing: it is not empty.
func (d *draft) complete() {
	p := &d.resource.Plan[0]
	if len(p.Extension)+len(p.Identifier)+len(p.GeneralCost)+len(p.SpecificCost) == 0 {
		p.Identifier = []identifier{{"", profiles.IdentifierProductPlan, d.number}}
	}
}
