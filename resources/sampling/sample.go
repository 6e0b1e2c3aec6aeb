package sampling

import (
	"encoding/json"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// The states of a sample and the kinds of its entries: codes of claim-sampling.
const (
	stateReviewing = "reviewing"
	stateReviewed  = "reviewed"
	stateApproved  = "approved"
	stateRefused   = "refused"

	kindSampled = "sampled"
	kindRest    = "rest"
)

// A sample is a List of claims, read.
type sample struct {
	key      fhir.Key
	node     fhir.Node
	facility fhir.Key
	state    string
	by       string      // who drew it
	settled  int         // entries of the kind at work that were reached
	rate     fhir.Amount // what is taken off, ten-thousandths of a percent
	rated    bool        // whether the rate is known
	entries  []entry
}

// An entry is one claim of a sample.
type entry struct {
	claim  fhir.Key
	kind   string
	before fhir.Money // what was eligible when the sample was drawn
}

// isSample reports whether a List is a sample of claims.
func isSample(n fhir.Node) bool {
	return n.Get("code").Code(profiles.SystemSampling) == "claim-sampling"
}

// sampleOf reads a List.
func sampleOf(k fhir.Key, n fhir.Node) sample {
	terms := n.Extension(profiles.ExtensionClaimSampling)
	s := sample{
		key: k, node: n, facility: r4.Target(terms.Extension("facility").Get("valueReference")),
		state: terms.Extension("state").Get("valueCode").Text(), by: terms.Extension("by").Get("valueString").Text(),
	}
	s.settled, _ = strconv.Atoi(terms.Extension("settled").Get("valueUnsignedInt").Text())
	if rate := terms.Extension("rate").Get("valueDecimal"); rate.Exists() {
		value, err := fhir.ParseAmount(rate.Text())
		s.rate, s.rated = value, err == nil
	}
	for e := range n.Get("entry").Each() {
		money := e.Extension(profiles.ExtensionSamplingBefore).Get("valueMoney")
		value, _ := fhir.ParseAmount(money.Get("value").Text())
		s.entries = append(s.entries, entry{
			claim: r4.Target(e.Get("item")), kind: e.Get("flag").Code(profiles.SystemSampling),
			before: fhir.Money{Value: value, Currency: money.Get("currency").Text()},
		})
	}
	return s
}

// of gives the entries of a kind.
func (s *sample) of(kind string) []entry {
	var list []entry
	for _, e := range s.entries {
		if e.kind == kind {
			list = append(list, e)
		}
	}
	return list
}

// working gives the entries that the state has to reach.
func (s *sample) working() []entry {
	switch s.state {
	case stateReviewing:
		return s.of(kindSampled)
	case stateApproved, stateRefused:
		return s.of(kindRest)
	}
	return nil
}

// with gives the List with its terms changed: names and values of parts of the
// extension, "state" and "valueCode".
func (s *sample) with(parts ...part) ([]byte, error) {
	var list map[string]json.RawMessage
	if err := json.Unmarshal(s.node.Raw(), &list); err != nil {
		return nil, err
	}
	var kept []object
	if err := json.Unmarshal(list["extension"], &kept); err != nil {
		return nil, err
	}
	for _, e := range kept {
		if e["url"] != profiles.ExtensionClaimSampling {
			continue
		}
		terms, _ := e["extension"].([]any)
		for _, p := range parts {
			changed := terms[:0:0]
			for _, t := range terms {
				if one, ok := t.(object); !ok || one["url"] != p.name {
					changed = append(changed, t)
				}
			}
			terms = append(changed, object{"url": p.name, p.typ: p.value})
		}
		e["extension"] = terms
	}
	list["extension"] = spell(kept)
	return spell(list), nil
}

// A part is a part of the extension of a sample.
type part struct {
	name, typ string
	value     any
}

func asState(state string, settled int) []part {
	return []part{{"state", "valueCode", state}, {"settled", "valueUnsignedInt", settled}}
}

// write stores the List with its terms changed.
func (s *sample) write(tx fhir.Tx, parts ...part) error {
	body, err := s.with(parts...)
	if err != nil {
		return err
	}
	_, err = tx.Update(&fhir.Resource{Key: s.key, Body: body}, 0)
	return err
}

// An object is JSON that is written.
type object = map[string]any

func spell(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("what the server writes is always JSON: " + err.Error())
	}
	return text
}

func coding(system, code string) object {
	return object{"coding": []object{{"system": system, "code": code}}}
}

func money(m fhir.Money) object {
	return object{"value": json.Number(m.Value.String()), "currency": m.Currency}
}

// eligibleIn gives what is eligible of a decided claim: a total of its response.
func eligibleIn(response fhir.Node) (fhir.Money, bool) {
	outcome := response.Get("outcome").Text()
	if response.Get("status").Text() != "active" || outcome != "complete" && outcome != "partial" {
		return fhir.Money{}, false
	}
	for t := range response.Get("total").Each() {
		if t.Get("category").Code(systemAdjudication) == "eligible" {
			value, err := fhir.ParseAmount(t.At("amount", "value").Text())
			return fhir.Money{Value: value, Currency: strings.Clone(t.At("amount", "currency").Text())}, err == nil
		}
	}
	return fhir.Money{}, false
}

// systemAdjudication is HL7's code system of the categories of adjudication.
const systemAdjudication = "http://terminology.hl7.org/CodeSystem/adjudication"

func responseKey(claim fhir.Key) fhir.Key { return fhir.Key{Type: "ClaimResponse", ID: claim.ID} }
