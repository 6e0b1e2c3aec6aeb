package measure

import (
	"strings"

	"bima/fhir"
)

// readPage is how many resources are read at a time, and claimPage how many claims:
// of these there are many, and each page costs a search.
const (
	readPage  = 500
	claimPage = 2000
)

// A stored is a resource that was read.
type stored struct {
	*fhir.Resource
	node fhir.Node
}

// pages reads all that a query finds, page by page. What do is given is gone when
// it returns: texts it keeps it clones.
func pages(r fhir.Reader, typ string, where fhir.Criterion, do func([]stored) error) error {
	return resourcesOf(r, readPage, typ, where, func(found []*fhir.Resource) error {
		list, err := parsed(found)
		if err != nil {
			return err
		}
		defer release(list)
		return do(list)
	})
}

// resourcesOf reads what a query finds as it is stored.
func resourcesOf(r fhir.Reader, size int, typ string, where fhir.Criterion, do func([]*fhir.Resource) error) error {
	q := fhir.Query{Types: []string{typ}, Where: where, Limit: size, Oldest: where == nil}
	for {
		page, err := r.Search(&q)
		if err != nil {
			return err
		}
		if len(page.Resources) > 0 {
			if err := do(page.Resources); err != nil {
				return err
			}
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}

// each reads all that a query finds, one by one.
func each(r fhir.Reader, typ string, where fhir.Criterion, do func(stored) error) error {
	return resourcesOf(r, readPage, typ, where, func(found []*fhir.Resource) error {
		return eachOf(found, whole, do)
	})
}

// whole picks everything.
var whole *fhir.Picker

// eachOf parses what is picked of resources, one after the other: what do is given is
// gone when it returns, but for its texts, and its memory is that of the next.
func eachOf(list []*fhir.Resource, pick *fhir.Picker, do func(stored) error) error {
	for _, r := range list {
		doc, err := pick.Parse(r.Body)
		if err != nil {
			return err
		}
		err = do(stored{r, doc.Root()})
		if doc.Release(); err != nil {
			return err
		}
	}
	return nil
}

// release gives back the memory of what was read: nothing of it may be used any more.
func release(list []stored) {
	for _, s := range list {
		s.node.Document().Release()
	}
}

func parsed(found []*fhir.Resource) ([]stored, error) {
	list := make([]stored, 0, len(found))
	for _, resource := range found {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		list = append(list, stored{resource, doc.Root()})
	}
	return list, nil
}

// refers selects what refers to a resource by a parameter.
func refers(param string, k fhir.Key) fhir.Criterion {
	return fhir.Match{Param: reference(param), Value: fhir.ReferenceValue{Key: k}}
}

// refersToAny selects what refers to one of many resources of a type.
func refersToAny(param, typ string, ids []string) fhir.Criterion {
	return fhir.Chain{Param: reference(param), Type: typ, Where: fhir.IDs(ids)}
}

func reference(param string) fhir.Param { return fhir.Param{Code: param, Kind: fhir.ParamReference} }

// is selects by a token whatever its system.
func is(param, code string) fhir.Criterion {
	return fhir.Match{Param: fhir.Param{Code: param, Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: code, AnySystem: true}}
}

// named selects by a name, letter for letter.
func named(param, text string) fhir.Criterion {
	return fhir.Match{Param: fhir.Param{Code: param, Kind: fhir.ParamString}, Value: fhir.StringValue{Text: text, Mode: fhir.StringExact}}
}

// keep gives a key whose texts stay.
func keep(k fhir.Key) fhir.Key { return fhir.Key{Type: strings.Clone(k.Type), ID: strings.Clone(k.ID)} }

// What is read of the resources that there are many of: the rest of them is passed
// over. TestWhatIsPickedIsAllThatIsRead holds each against the whole.
var (
	ofClaim = fhir.NewPicker(fhir.Choice{
		"status": nil, "use": nil, "subType": conceptChoice, "billablePeriod": {"start": nil, "end": nil}, "created": nil,
		"patient": referenceChoice, "provider": referenceChoice, "total": moneyChoice,
		"diagnosis": {"sequence": nil, "diagnosisCodeableConcept": conceptChoice},
		"item":      {"sequence": nil, "productOrService": conceptChoice},
	})
	ofAnswer = fhir.NewPicker(fhir.Choice{
		"status": nil, "created": nil, "outcome": nil, "request": referenceChoice, "requestor": referenceChoice,
		"item":  {"itemSequence": nil, "adjudication": {"category": conceptChoice, "reason": conceptChoice, "amount": moneyChoice}},
		"total": {"category": conceptChoice, "amount": moneyChoice},
	})
	ofPerson = fhir.NewPicker(fhir.Choice{"gender": nil, "birthDate": nil})
	ofFamily = fhir.NewPicker(fhir.Choice{
		"identifier": {"system": nil, "value": nil}, "active": nil, "extension": {"url": nil, "valueBoolean": nil},
		"member": {"entity": referenceChoice, "inactive": nil},
	})

	conceptChoice   = fhir.Choice{} // its text alone, see meant
	referenceChoice = fhir.Choice{"reference": nil}
	moneyChoice     = fhir.Choice{"value": nil, "currency": nil}
)
