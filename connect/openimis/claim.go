package openimis

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

// linesMax bounds the items of a claim.
const linesMax = 1000

// submit is POST Claim/: it stores and decides the claim and answers with the
// ClaimResponse, 201.
func (c *call) submit(sent dialect.Object) error {
	if len(dialect.Each(sent, "item")) > linesMax {
		return fhir.Errorf(fhir.IssueTooCostly, "Claim.item", "a claim has up to %d items", linesMax)
	}
	c.claim(sent)
	a, ok := c.ask(http.MethodPost, "Claim/$submit", sent)
	if !ok {
		return nil
	}
	out := dialect.ObjectOf(a.Node())
	id := dialect.Text(out, "id")
	stored := c.read1(fhir.Key{Type: "Claim", ID: id})
	p := page{call: c, along: map[string]dialect.Object{"Claim/" + id: stored}}
	p.spell("ClaimResponse", out)
	c.w.Header().Set("Location", c.gate.Root()+Path+"/ClaimResponse/"+id+"/")
	c.write(http.StatusCreated, out)
	return nil
}

// claim makes a clean R4 Claim of one in openIMIS's form.
func (c *call) claim(o dialect.Object) {
	delete(o, "id")
	delete(o, "meta")
	coin(o, 0)
	c.codes("Claim", o)
	along := contained(o)
	guarantees(o)
	for _, item := range dialect.Each(o, "item") {
		c.product(item)
	}
	c.parties(o, along, 0)
	visit(o)
	fill(o, "status", "active")
	fill(o, "use", "claim")
	fill(o, "priority", dialect.Concept(hl7+"processpriority", "normal", ""))
	fill(o, "insurance", []any{dialect.Object{
		"sequence": number(1), "focal": true, "coverage": dialect.Object{"display": "whatever membership the patient has"},
	}})
	if period := dialect.Child(o, "billablePeriod"); period != nil {
		fill(period, "end", period["start"])
	}
	for i, one := range dialect.Each(o, "diagnosis") {
		fill(one, "sequence", number(i+1))
		for _, coding := range dialect.Each(dialect.Child(one, "diagnosisCodeableConcept"), "coding") {
			if system := dialect.Text(coding, "system"); system == "" || strings.Contains(system, "diagnosis") {
				coding["system"] = systemICD
			}
		}
	}
	dialect.Renumber(o, "supportingInfo", "informationSequence")
	for _, one := range dialect.Each(o, "supportingInfo") {
		delete(dialect.Child(one, "valueAttachment"), "hash") // of the base64's text, in hex: not R4's
	}
	for i, one := range dialect.Each(o, "item") {
		one["sequence"] = number(i + 1)
	}
	total(o)
	mark(o)
}

// visit moves the kind of visit from type, where openIMIS has it, to subType.
func visit(o dialect.Object) {
	code := dialect.Code(dialect.Child(o, "type"), "")
	if code == "E" || code == "R" || code == "O" {
		o["subType"] = dialect.Concept(profiles.SystemOpenIMISVisitType, code, "")
		delete(o, "type")
	}
	fill(o, "type", dialect.Concept(hl7+"claim-type", "professional", ""))
}

// guarantees moves the number of a letter of guarantee from where the app for
// claims has it, the identifier of the membership, to supportingInfo.
func guarantees(o dialect.Object) {
	for _, insurance := range dialect.Each(o, "insurance") {
		coverage := dialect.Child(insurance, "coverage")
		value := dialect.Text(coverage, "identifier", "value")
		if value == "" || dialect.Text(coverage, "reference") != "" || dialect.Text(coverage, "identifier", "system") != "" {
			continue
		}
		insurance["coverage"] = dialect.Object{"display": "whatever membership the patient has"}
		have, _ := o["supportingInfo"].([]any)
		o["supportingInfo"] = append(have, dialect.Object{
			"category":    dialect.Concept(profiles.OpenIMIS+"/CodeSystem/claim-supporting-info-category", "guarantee", ""),
			"valueString": value,
		})
	}
	for i, insurance := range dialect.Each(o, "insurance") {
		fill(insurance, "sequence", number(i+1))
		fill(insurance, "focal", i == 0)
	}
}

// product names the service of an item by the register: by the entry that the
// item's reference means, by uuid or code, or by its text.
func (c *call) product(item dialect.Object) {
	concept := dialect.Child(item, "productOrService")
	if concept == nil {
		concept = dialect.Object{}
		item["productOrService"] = concept
	}
	code := dialect.Code(concept, profiles.SystemService)
	kept := []any{}
	for _, e := range dialect.Each(item, "extension") {
		ref := dialect.Child(e, "valueReference")
		if ref == nil {
			kept = append(kept, e)
			continue
		}
		if code == "" {
			code = c.codeOf(ref)
		}
	}
	delete(item, "extension")
	if len(kept) > 0 {
		item["extension"] = kept
	}
	if code == "" {
		code = dialect.Text(concept, "text")
	}
	if code != "" && dialect.Code(concept, profiles.SystemService) == "" {
		concept["coding"] = []any{dialect.Object{"system": profiles.SystemService, "code": code}}
	}
}

// codeOf gives the code of the entry that a reference means.
func (c *call) codeOf(ref dialect.Object) string {
	value := dialect.Text(ref, "identifier", "value")
	if text := dialect.Text(ref, "reference"); text != "" {
		value = lastPart(text)
	}
	key := fhir.Key{Type: "ChargeItemDefinition", ID: value}
	if !c.finder.Exists(key) {
		return value
	}
	code, _ := service(c.read1(key))
	return code
}

// total is what the lines come to: the app for claims leaves quantities out of it,
// and openIMIS never looks at it.
func total(o dialect.Object) {
	var sum fhir.Amount
	for _, item := range dialect.Each(o, "item") {
		price, err := fhir.ParseAmount(dialect.Text(item, "unitPrice", "value"))
		quantity, also := fhir.ParseDecimal(dialect.Text(item, "quantity", "value"))
		if err != nil || also != nil {
			return
		}
		line, ok := price.Times(quantity)
		if !ok {
			return
		}
		sum += line
	}
	money := dialect.Object{"value": dialect.Decimal(sum)}
	if code := dialect.Text(o, "total", "currency"); code != "" {
		money["currency"] = code
	}
	o["total"] = money
}

// A line is what the register says of a code.
type line struct {
	typ, id string // Medication or ActivityDefinition
}

// register looks up the codes of items: whether each is a drug or a service. Where
// there is nobody to ask it knows of none.
func (p page) register(items []dialect.Object) map[string]line {
	found := map[string]line{}
	var codes []string
	for _, item := range items {
		if code := dialect.Code(dialect.Child(item, "productOrService"), profiles.SystemService); code != "" {
			if _, known := found[code]; !known {
				found[code] = line{}
				codes = append(codes, profiles.SystemService+"|"+dialect.Escape(code))
			}
		}
	}
	if p.gate == nil {
		return found
	}
	for some := range slices.Chunk(codes, codesMax) {
		p.lookUp(some, found)
	}
	return found
}

// codesMax is how many codes are looked up by one URL, which is bounded, too.
const codesMax = 50

// lookUp notes what the register says of codes; of what can't be asked, nothing.
func (p page) lookUp(codes []string, found map[string]line) {
	a := p.gate.Ask(p.r, connect.Question{
		Path: "ChargeItemDefinition?_count=1000&_elements=identifier,code,useContext&identifier=" + url.QueryEscape(strings.Join(codes, ",")),
	})
	if !a.OK() {
		return
	}
	for e := range a.Node().Get("entry").Each() {
		o := dialect.ObjectOf(e.Get("resource"))
		code, _ := service(o)
		typ := "Medication"
		for _, context := range dialect.Each(o, "useContext") {
			if dialect.Text(context, "code", "code") == "workflow" {
				typ = "ActivityDefinition"
			}
		}
		found[code] = line{typ, dialect.Text(o, "id")}
	}
}

// spellClaim adds to a claim what openIMIS's clients read of its lines and visit.
func spellClaim(p page, o dialect.Object) {
	items := dialect.Each(o, "item")
	register := p.register(items)
	for _, item := range items {
		code := dialect.Code(dialect.Child(item, "productOrService"), profiles.SystemService)
		if code == "" {
			continue
		}
		dialect.Child(item, "productOrService")["text"] = code
		entry := register[code]
		category := dialect.Child(item, "category")
		if category == nil {
			category = dialect.Object{}
			item["category"] = category
		}
		category["text"] = "item"
		if entry.typ != "Medication" {
			category["text"] = "service"
		}
		if entry.id != "" {
			dialect.Extend(item, structure+"claim-item-reference", "valueReference", reference(entry.typ, entry.id, code))
		}
	}
	visitOut(o)
}

// visitOut gives the kind of visit where openIMIS has it.
func visitOut(o dialect.Object) {
	code := dialect.Code(dialect.Child(o, "subType"), profiles.SystemOpenIMISVisitType)
	if code == "" {
		switch dialect.Code(dialect.Child(o, "subType"), hl7+"v3-ActCode") {
		case "EMER":
			code = "E"
		case "AMB", "IMP":
			code = "O"
		default:
			return
		}
	}
	list, _ := dialect.Child(o, "type")["coding"].([]any)
	o["type"] = dialect.Object{"coding": append([]any{dialect.Object{"system": profiles.SystemOpenIMISVisitType, "code": code}}, list...)}
}
