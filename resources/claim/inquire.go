package claim

import (
	"context"
	"encoding/json"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// The states of claims that openIMIS has.
const (
	stateEntered   = "entered"   // kept, and not decided
	stateChecked   = "checked"   // waits for a person, a payment or a repair
	stateProcessed = "processed" // decided but for relative prices
	stateValuated  = "valuated"  // decided, with something accepted
	stateRejected  = "rejected"  // nothing accepted
)

// progress says how far a claim is in openIMIS's states. Source: openIMIS, claim
// states 1, 2, 4, 8 and 16.
func progress(claim, response fhir.Node) string {
	if claim.Get("status").Text() != "active" || !response.Exists() {
		return stateEntered
	}
	switch response.Get("outcome").Text() {
	case "queued":
		return stateChecked
	case "error":
		return stateRejected
	}
	accepted := false
	for item := range response.Get("item").Each() {
		accepted = accepted || accepts(item)
	}
	switch {
	case !accepted:
		return stateRejected
	case response.Get("outcome").Text() == "partial":
		return stateProcessed
	}
	return stateValuated
}

// accepts reports whether a line is covered: only of those a quantity is approved.
func accepts(item fhir.Node) bool {
	for a := range item.Get("adjudication").Each() {
		if a.Get("category").Code(profiles.SystemAdjudication) == "approved-quantity" {
			return true
		}
	}
	return false
}

const (
	// inquiriesMax bounds how many claims one $inquire asks for.
	inquiriesMax = 1000
	// inquiryPage is how many identifiers are looked for in one search, inquiryFound
	// how many claims one page of that gives.
	inquiryPage, inquiryFound = 50, 500
	// inquiryAnswers bounds how many claims are told of: one name may be that of
	// any number.
	inquiryAnswers = 5000
)

// An inquiry is one name by which a claim is asked for.
type inquiry struct {
	asked         string
	system, value string   // an identifier
	anySystem     bool     // where it names none
	claim         fhir.Key // or an id
}

// inquire is Claim/$inquire: how far many claims are.
func (f *desk) inquire(ctx context.Context, s fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	q, err := parametersIn(in)
	if err != nil {
		return nil, err
	}
	list, err := f.inquiries(q)
	if err != nil {
		return nil, err
	}
	var out answersJSON
	who, _ := fhir.CallerOf(ctx)
	err = s.View(ctx, func(r fhir.Reader) error {
		out = answersJSON{ResourceType: "Parameters", left: f.answers()}
		for from := 0; from < len(list) && !out.more; from += inquiryPage {
			own := func(claim fhir.Node) (bool, error) { return isOwn(r, f.facts, who, claim) }
			if !bound(who) {
				own = func(fhir.Node) (bool, error) { return true, nil }
			}
			if err := out.add(r, list[from:min(from+inquiryPage, len(list))], own); err != nil {
				return err
			}
		}
		return out.finish()
	})
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(out)
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}}, err
}

// inquiries reads what is asked for.
func (f *desk) inquiries(q request) ([]inquiry, error) {
	var list []inquiry
	for p := range q.Get("parameter").Each() {
		text := p.Get("valueString").Text()
		switch name := p.Get("name").Text(); name {
		case "identifier":
			i := inquiry{asked: text}
			var has bool
			if i.system, i.value, has = strings.Cut(text, "|"); !has {
				i.system, i.value, i.anySystem = "", text, true
			}
			if v := p.Get("valueIdentifier"); v.Exists() {
				i.system, i.value = v.Get("system").Text(), v.Get("value").Text()
				i.asked, i.anySystem = i.system+"|"+i.value, i.system == ""
			}
			if i.value == "" {
				return nil, fhir.Errorf(fhir.IssueInvalid, "Parameters.parameter", "an identifier is asked for by system|value, or by its value")
			}
			list = append(list, i)
		case "claim":
			if ref := p.At("valueReference", "reference").Text(); ref != "" {
				text = ref
			}
			key := fhir.ParseReference(strings.TrimPrefix(text, f.base+"/"), r4.IsResource).Key
			if fhir.ValidID(text) {
				key = fhir.Key{Type: "Claim", ID: text}
			}
			if key.Type != "Claim" || !fhir.ValidID(key.ID) {
				return nil, fhir.Errorf(fhir.IssueInvalid, "Parameters.parameter", "%.80q is not the id of a claim", text)
			}
			list = append(list, inquiry{asked: text, claim: key})
		default:
			return nil, fhir.Errorf(fhir.IssueInvalid, "Parameters.parameter", "$inquire takes the parameters identifier and claim, not %.60q", name)
		}
	}
	if len(list) == 0 {
		return nil, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "say which claims, by the parameters identifier or claim")
	}
	if len(list) > inquiriesMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "Parameters.parameter", "ask for %d claims at a time at most, not for %d", inquiriesMax, len(list))
	}
	return list, nil
}

type (
	answersJSON struct {
		ResourceType string       `json:"resourceType"`
		Parameter    []answerJSON `json:"parameter,omitempty"`

		left int  // how many claims may still be told of
		more bool // whether there are more than that
	}
	answerJSON struct {
		Name     string          `json:"name"`
		Part     []partJSON      `json:"part,omitempty"`
		Resource json.RawMessage `json:"resource,omitempty"`
	}
	partJSON struct {
		Name           string          `json:"name"`
		ValueString    string          `json:"valueString,omitempty"`
		ValueCode      string          `json:"valueCode,omitempty"`
		ValueInstant   string          `json:"valueInstant,omitempty"`
		ValueReference *referenceJSON  `json:"valueReference,omitempty"`
		ValueMoney     json.RawMessage `json:"valueMoney,omitempty"`
	}
)

// answers gives how many claims one $inquire tells of.
func (f *desk) answers() int { return or(f.told, inquiryAnswers) }

// finish says that there are more claims than are told of, where there are.
func (o *answersJSON) finish() error {
	if !o.more {
		return nil
	}
	body, err := json.Marshal(outcomeJSON{"OperationOutcome", []issueJSON{{
		"warning", "too-costly", "more claims bear these numbers than one answer tells of, and not all are told of here; ask for fewer, by system and value, or search Claim?identifier=",
	}}})
	o.Parameter = append(o.Parameter, answerJSON{Name: "outcome", Resource: body})
	return err
}

// add answers one page of what is asked for: each with all claims of the name, of
// those the caller may ask about.
func (o *answersJSON) add(r fhir.Reader, list []inquiry, own func(fhir.Node) (bool, error)) error {
	claims, err := o.claimsNamed(r, list, own)
	if err != nil {
		return err
	}
	keys := make([]fhir.Key, 0, len(claims))
	for k := range claims {
		keys = append(keys, responseKey(k))
	}
	responses, err := trees(r, keys)
	if err != nil {
		return err
	}
	for _, i := range list {
		found := false
		for _, k := range sorted(claims) {
			if i.names(k, claims[k]) {
				found = true
				o.Parameter = append(o.Parameter, answerOf(i.asked, k, claims[k], responses[responseKey(k)]))
			}
		}
		if !found && !o.more {
			o.Parameter = append(o.Parameter, answerJSON{Name: "claim", Part: []partJSON{{Name: "asked", ValueString: i.asked}}})
		}
	}
	return nil
}

// names reports whether a claim bears the name.
func (i inquiry) names(k fhir.Key, claim fhir.Node) bool {
	if !i.claim.IsZero() {
		return i.claim == k
	}
	for id := range claim.Get("identifier").Each() {
		if id.Get("value").Text() == i.value && (i.anySystem || id.Get("system").Text() == i.system) {
			return true
		}
	}
	return false
}

// claimsNamed finds the claims that are asked for and the caller may ask about, no
// more than may still be told of.
func (o *answersJSON) claimsNamed(r fhir.Reader, list []inquiry, own func(fhir.Node) (bool, error)) (map[fhir.Key]fhir.Node, error) {
	var keys []fhir.Key
	var where fhir.Any
	for _, i := range list {
		if !i.claim.IsZero() {
			keys = append(keys, i.claim)
			continue
		}
		where = append(where, fhir.Match{Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: i.system, Code: i.value, AnySystem: i.anySystem}})
	}
	named, err := trees(r, keys)
	if err != nil {
		return nil, err
	}
	found := make(map[fhir.Key]fhir.Node, len(named))
	if err := o.take(named, found, own); err != nil {
		return nil, err
	}
	for after := ""; len(where) > 0 && !o.more; {
		page, err := r.Search(&fhir.Query{Types: []string{"Claim"}, Where: where, Limit: inquiryFound, After: after})
		if err != nil {
			return nil, err
		}
		some := make(map[fhir.Key]fhir.Node, len(page.Resources))
		if err = parseAll(page.Resources, some); err == nil {
			err = o.take(some, found, own)
		}
		if after = page.Next; after == "" || err != nil {
			return found, err
		}
	}
	return found, nil
}

// take adds the claims that the caller may ask about, as long as they may be told.
func (o *answersJSON) take(from, into map[fhir.Key]fhir.Node, own func(fhir.Node) (bool, error)) error {
	for _, k := range sorted(from) {
		mine, err := own(from[k])
		if err != nil {
			return err
		}
		if _, known := into[k]; known || !mine {
			continue
		}
		if o.left == 0 {
			o.more = true
			return nil
		}
		o.left--
		into[k] = from[k]
	}
	return nil
}

// trees reads resources in one go; what is not there is absent.
func trees(r fhir.Reader, keys []fhir.Key) (map[fhir.Key]fhir.Node, error) {
	found := make(map[fhir.Key]fhir.Node, len(keys))
	if len(keys) == 0 {
		return found, nil
	}
	list, err := r.ReadMany(keys)
	if err != nil {
		return nil, err
	}
	return found, parseAll(list, found)
}

func parseAll(list []*fhir.Resource, into map[fhir.Key]fhir.Node) error {
	for _, resource := range list {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return err
		}
		into[resource.Key] = doc.Root()
	}
	return nil
}

// answerOf says how far a claim is.
func answerOf(asked string, k fhir.Key, claim, response fhir.Node) answerJSON {
	a := answerJSON{Name: "claim", Part: []partJSON{
		{Name: "asked", ValueString: asked},
		{Name: "claim", ValueReference: &referenceJSON{k.String()}},
		{Name: "state", ValueCode: progress(claim, response)},
	}}
	if !response.Exists() {
		return a
	}
	a.Part = append(
		a.Part,
		partJSON{Name: "response", ValueReference: &referenceJSON{responseKey(k).String()}},
		partJSON{Name: "outcome", ValueCode: response.Get("outcome").Text()},
		partJSON{Name: "disposition", ValueString: response.Get("disposition").Text()},
		partJSON{Name: "decided", ValueInstant: response.At("meta", "lastUpdated").Text()},
	)
	for t := range response.Get("total").Each() {
		if t.Get("category").Code(systemAdjudication) == "benefit" {
			a.Part = append(a.Part, partJSON{Name: "benefit", ValueMoney: t.Get("amount").Raw()})
		}
	}
	return a
}
