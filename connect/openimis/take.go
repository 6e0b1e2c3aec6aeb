package openimis

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

// create is POST Type/.
func (c *call) create(typ string) error {
	sent, err := c.body(typ)
	if err != nil {
		return err
	}
	switch typ {
	case "Medication", "ActivityDefinition":
		return registered(typ)
	case "Claim":
		return c.submit(sent)
	case "CoverageEligibilityRequest":
		return c.eligible(sent)
	case "Communication":
		return c.feedback(sent)
	case "Patient":
		return c.enrolPerson(sent)
	case "Group":
		return c.enrolFamily(sent)
	case "Subscription":
		return c.subscribe(http.MethodPost, "Subscription", sent)
	case "Contract":
		return c.sell(sent)
	case "PaymentNotice":
		return c.pay(sent)
	}
	if err := readOnly(typ); err != nil {
		return err
	}
	delete(sent, "id")
	c.parties(sent, nil, 0)
	return c.store(http.MethodPost, typ, sent)
}

// update is PUT Type/[uuid or code].
func (c *call) update(typ, name string) error {
	sent, err := c.body(typ)
	if err != nil {
		return err
	}
	if stored(typ) != typ {
		return registered(typ)
	}
	if instead := operations[typ]; instead != "" {
		return fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMethod, typ, "a %s is not replaced here; %s", typ, instead)
	}
	id, ok := c.known(typ, name)
	if !ok {
		return fhir.Errorf(fhir.IssueNotFound, "", "there is no %s with that uuid or code", typ)
	}
	sent["id"] = id
	switch typ {
	case "Subscription":
		return c.subscribe(http.MethodPut, "Subscription/"+id, sent)
	case "Patient":
		c.person(sent)
	default:
		if whole[typ] {
			failed, err := c.restore(typ, sent)
			if err != nil {
				return err
			}
			if failed != nil {
				c.hand(failed)
				return nil
			}
		}
		unspell(sent)
		c.codes(typ, sent)
		c.parties(sent, nil, 0)
	}
	return c.store(http.MethodPut, typ+"/"+id, sent)
}

// remove is DELETE Type/[uuid or code]. What is not there is not found, as openIMIS
// answers: R4's 204 would say of a code, or of what is kept as another type, that it
// is gone, and it is not.
func (c *call) remove(typ, name string) error {
	if stored(typ) != typ {
		return registered(typ)
	}
	if instead := operations[typ]; instead != "" {
		return fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMethod, typ, "a %s is not removed here; %s", typ, instead)
	}
	id, ok := c.known(typ, name)
	if failed := c.finder.Failed(); failed != nil {
		c.hand(failed)
		return nil
	}
	if !ok {
		return fhir.Errorf(fhir.IssueNotFound, "", "there is no %s with that uuid or code", typ)
	}
	return c.pass(connect.Question{Method: http.MethodDelete, Path: url.PathEscape(typ) + "/" + url.PathEscape(id)})
}

// operations says how else that changes which openIMIS's API replaces whole, or
// does not change at all.
var operations = map[string]string{
	"Contract":      "what becomes of a policy is decided by its operations at /fhir: $add-member, $suspend, $activate, $renew, $cancel",
	"PaymentNotice": "to take a payment back POST it again with the status cancelled",
	"Claim":         "a claim is withdrawn by Claim/[id]/$cancel at /fhir, and corrected by another that is related to it",
	"ClaimResponse": "decisions are the scheme's: a reviewer decides by his Task at /fhir, and Claim/[id]/$reprocess asks for another decision",
}

// readOnly refuses to make what openIMIS itself only reads and the scheme makes.
func readOnly(typ string) error {
	instead := map[string]string{
		"Coverage":                    "memberships are made by POST Contract/",
		"ClaimResponse":               "a decision is made by POST Claim/",
		"Invoice":                     "invoices are made by POST Contract/, and others at /fhir",
		"CommunicationRequest":        "patients are asked by Claim/[id]/$request-feedback at /fhir",
		"CoverageEligibilityResponse": "ask by POST CoverageEligibilityRequest/",
	}[typ]
	if instead == "" {
		return nil
	}
	return fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMethod, typ, "a %s is read here, not written; %s", typ, instead)
}

// registered refuses to write what is read of the register of services: it would be
// kept where nobody looks for prices.
func registered(typ string) error {
	return fhir.Errorf(fhir.IssueNotSupported, typ, "a %s is read here of the register of services; write its ChargeItemDefinition at /fhir", typ)
}

// store writes a resource, and answers as openIMIS does: with what is stored.
func (c *call) store(method, path string, o dialect.Object) error {
	a, ok := c.ask(method, path, o)
	if !ok {
		return nil
	}
	p := page{call: c}
	out := dialect.ObjectOf(a.Node())
	p.spell(dialect.Text(out, "resourceType"), out)
	c.write(a.Status, out)
	return nil
}

// parties makes each Reference of what was sent one to a resource of this server,
// also within what is nested. along are the contained resources by their ids.
func (c *call) parties(v any, along map[string]dialect.Object, depth int) {
	switch v := v.(type) {
	case dialect.Object:
		for name, member := range v {
			if ref, ok := member.(dialect.Object); ok && isReference(ref) {
				v[name] = c.meant(ref, along)
			} else if name != "contained" && depth < deepest {
				c.parties(member, along, depth+1)
			}
		}
	case []any:
		for i, e := range v {
			if ref, ok := e.(dialect.Object); ok && isReference(ref) {
				v[i] = c.meant(ref, along)
			} else if depth < deepest {
				c.parties(e, along, depth+1)
			}
		}
	}
}

// isReference reports whether an object is a Reference to another resource.
func isReference(o dialect.Object) bool {
	if text, ok := o["reference"].(string); ok {
		return strings.Contains(text, "/") || strings.HasPrefix(text, "#")
	}
	_, typed := o["type"].(string)
	_, named := o["identifier"].(dialect.Object)
	return typed && named
}

// meant gives the Reference that a client means, with the name that it has there.
func (c *call) meant(ref dialect.Object, along map[string]dialect.Object) dialect.Object {
	out := c.party(ref, along)
	if display := dialect.Text(ref, "display"); display != "" {
		out["display"] = display
	}
	return out
}

// party gives the Reference that a client means: by uuid, by code, or by what it
// has contained. Source: openIMIS, references of its R4 API.
func (c *call) party(ref dialect.Object, along map[string]dialect.Object) dialect.Object {
	text := dialect.Text(ref, "reference")
	typ, id := dialect.Text(ref, "type"), ""
	if meant := dialect.Target(strings.TrimPrefix(text, "#")); meant.Type != "" {
		typ, id = meant.Type, meant.ID
	} else if text != "" {
		id = strings.TrimPrefix(text, "#")
	}
	names := []dialect.Name{}
	if id != "" {
		if c.finder.Exists(fhir.Key{Type: stored(typ), ID: id}) {
			return dialect.Object{"reference": stored(typ) + "/" + id}
		}
		names = append(names, dialect.Name{Value: id})
	}
	if value := dialect.Text(ref, "identifier", "value"); value != "" {
		if c.finder.Exists(fhir.Key{Type: stored(typ), ID: value}) {
			return dialect.Object{"reference": stored(typ) + "/" + value}
		}
		names = append(names, dialect.Name{System: dialect.Text(ref, "identifier", "system"), Value: value})
	}
	for _, i := range dialect.Each(along[id], "identifier") {
		if dialect.Code(dialect.Child(i, "type"), systemNames) != "UUID" {
			names = append(names, dialect.Name{System: dialect.Text(i, "system"), Value: dialect.Text(i, "value")})
		}
	}
	systems := kinds[typ].codes
	if found, ok := c.finder.Find(stored(typ), systems, names...); ok {
		return dialect.Object{"reference": found.String()}
	}
	out := dialect.Object{}
	if len(names) > 0 {
		last := names[len(names)-1]
		identifier := dialect.Object{"value": last.Value}
		if last.System == "" && len(systems) > 0 {
			last.System = systems[0]
		}
		if last.System != "" {
			identifier["system"] = last.System
		}
		out["identifier"] = identifier
	}
	if typ != "" {
		out["type"] = typ
	}
	return out
}

// codes gives what openIMIS calls Code the system of the scheme; what it calls UUID
// is the id and needs no identifier.
func (c *call) codes(typ string, o dialect.Object) {
	kept := []any{}
	for _, i := range dialect.Each(o, "identifier") {
		system := dialect.Text(i, "system")
		switch kind := dialect.Code(dialect.Child(i, "type"), ""); {
		case system == "" && (kind == "UUID" || dialect.Text(i, "value") == dialect.Text(o, "id")):
			continue
		case system == "" && kind == "Code" && coded(typ, o, dialect.Text(i, "value")):
			continue
		case system == "" && len(kinds[typ].codes) > 0 && (kind == "Code" || kind == "SB" || kind == "MR"):
			i = dialect.Object{"system": kinds[typ].codes[0], "value": i["value"]}
		}
		if !slices.ContainsFunc(kept, func(k any) bool { return same(k, i) }) {
			kept = append(kept, i)
		}
	}
	delete(o, "identifier")
	if len(kept) > 0 {
		o["identifier"] = kept
	}
}

// coded reports whether a resource bears a value in a system of its codes, of which
// what openIMIS calls Code was read.
func coded(typ string, o dialect.Object, value string) bool {
	return slices.ContainsFunc(dialect.Each(o, "identifier"), func(i dialect.Object) bool {
		return slices.Contains(kinds[typ].codes, dialect.Text(i, "system")) && dialect.Text(i, "value") == value
	})
}

// same reports whether two identifiers are one.
func same(a any, b dialect.Object) bool {
	o, _ := a.(dialect.Object)
	return dialect.Text(o, "system") == dialect.Text(b, "system") && dialect.Text(o, "value") == dialect.Text(b, "value")
}

// contained gives what a resource contains, by its ids, and takes it out.
func contained(o dialect.Object) map[string]dialect.Object {
	along := map[string]dialect.Object{}
	for _, r := range dialect.Each(o, "contained") {
		along[lastPart(dialect.Text(r, "id"))] = r
	}
	delete(o, "contained")
	return along
}

// currency is what a currency is in R4.
var currency = regexp.MustCompile(`^[A-Z]{3}$`)

// coin takes currencies away that are none, such as $: without one it is the
// scheme's.
func coin(v any, depth int) {
	switch v := v.(type) {
	case dialect.Object:
		if text, ok := v["currency"].(string); ok && !currency.MatchString(text) {
			delete(v, "currency")
		}
		for _, member := range v {
			if depth < deepest {
				coin(member, depth+1)
			}
		}
	case []any:
		for _, e := range v {
			if depth < deepest {
				coin(e, depth+1)
			}
		}
	}
}

// fill gives an element a value where the client sent none.
func fill(o dialect.Object, name string, value any) {
	if o[name] == nil {
		o[name] = value
	}
}

// number gives a number of JSON.
func number(n int) json.Number { return json.Number(itoa(n)) }

// eligible is POST CoverageEligibilityRequest/: the answer is the response.
func (c *call) eligible(q dialect.Object) error {
	delete(q, "id")
	delete(q, "identifier")
	c.parties(q, contained(q), 0)
	fill(q, "status", "active")
	fill(q, "purpose", []any{"benefits"})
	fill(q, "created", c.Now().In(c.Zone).Format(time.DateOnly))
	fill(q, "insurer", dialect.Object{"display": "the scheme"})
	for _, item := range dialect.Each(q, "item") {
		c.product(item)
		delete(item, "category")
	}
	mark(q)
	a, ok := c.ask(http.MethodPost, "CoverageEligibilityRequest/$submit", q)
	if !ok {
		return nil
	}
	out := dialect.ObjectOf(a.Node())
	c.spellEligibility(out)
	page{call: c}.spell("CoverageEligibilityResponse", out)
	c.write(http.StatusCreated, out)
	return nil
}

// feedback is POST Communication/: the answers of a patient.
func (c *call) feedback(o dialect.Object) error {
	delete(o, "id")
	delete(o, "meta")
	c.parties(o, contained(o), 0)
	for _, p := range dialect.Each(o, "payload") {
		for _, e := range dialect.Each(p, "extension") { // only its place says what it is
			e["url"] = profiles.ExtensionOpenIMISPayloadType
			for _, coding := range dialect.Each(dialect.Child(e, "valueCodeableConcept"), "coding") {
				coding["system"] = profiles.SystemOpenIMISFeedbackPayload
			}
		}
	}
	return c.store(http.MethodPost, "Communication", o)
}

// mark notes on what was translated that it was.
func mark(o dialect.Object) {
	dialect.Extend(o, profiles.ExtensionTranslated, "extension", []any{dialect.Object{"url": "tongue", "valueCode": "openimis"}})
}

// read1 reads one resource of [base]; an empty Object where it is not there.
func (c *call) read1(key fhir.Key) dialect.Object {
	a := c.gate.Ask(c.r, connect.Question{Path: key.String()})
	if !a.OK() {
		return dialect.Object{}
	}
	return dialect.ObjectOf(a.Node())
}
