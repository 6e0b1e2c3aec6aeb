package measure

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/profiles/indicator"
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

// inBatches reads resources by their keys, one by one.
func inBatches(r fhir.Reader, keys []fhir.Key, do func(stored) error) error {
	for some := range slices.Chunk(keys, readPage) {
		found, err := r.ReadMany(some)
		if err == nil {
			err = eachOf(found, whole, do)
		}
		if err != nil {
			return err
		}
	}
	return nil
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

	// and of who lives at a place.
	ofHousehold    = fhir.NewPicker(fhir.Choice{"resourceType": nil, "identifier": nil, "active": nil, "extension": nil, "member": {"entity": referenceChoice, "inactive": nil}})
	ofResident     = fhir.NewPicker(fhir.Choice{"resourceType": nil, "gender": nil, "birthDate": nil, "address": nil})
	ofOrganization = fhir.NewPicker(fhir.Choice{"resourceType": nil, "address": nil})
	ofCoverage     = fhir.NewPicker(fhir.Choice{"status": nil, "period": nil, "beneficiary": referenceChoice})
	ofContract     = fhir.NewPicker(fhir.Choice{"status": nil, "extension": nil, "subject": referenceChoice, "applies": nil, "term": {"applies": nil, "offer": {"topic": referenceChoice}}})
	ofInvoice      = fhir.NewPicker(fhir.Choice{"status": nil, "extension": nil, "type": nil, "subject": referenceChoice, "totalGross": moneyChoice})
	ofPayment      = fhir.NewPicker(fhir.Choice{"status": nil, "extension": nil, "paymentDate": nil, "detail": {"extension": nil, "date": nil, "request": referenceChoice, "payee": referenceChoice, "amount": moneyChoice}})

	conceptChoice   = fhir.Choice{} // its text alone, see meant
	referenceChoice = fhir.Choice{"reference": nil}
	moneyChoice     = fhir.Choice{"value": nil, "currency": nil}
)

// A world is what a snapshot shows, some of it as it was before.
type world struct {
	fhir.Reader
	was  map[fhir.Key]*fhir.Resource // in the place of what is there; nil of what was not
	poor map[fhir.Key]string         // the poverty of the members of families that are in was
}

// errMany says that what was counted is too much to be held.
var errMany = fhir.Errorf(fhir.IssueTooCostly, "", "so much has changed that counting all anew takes less memory")

// before gives the world in which some resources are as they were. It fails where a
// version is gone that is needed, and where they are larger than so many bytes.
func before(r fhir.Reader, list []changed, most int) (world, error) {
	held := 0
	w := world{Reader: r, was: make(map[fhir.Key]*fhir.Resource, len(list)), poor: map[fhir.Key]string{}}
	for _, c := range list {
		v, err := c.before(r)
		if err != nil {
			return w, err
		}
		w.was[c.key] = v
		if v != nil {
			if held += len(v.Body); held > most {
				return w, errMany
			}
		}
		if v == nil || c.key.Type != "Group" {
			continue
		}
		doc, err := fhir.Parse(v.Body)
		if err != nil {
			return w, err
		}
		poorer(w.poor, doc.Root())
		doc.Release()
	}
	return w, nil
}

// many reads resources by their keys.
func (w world) many(keys []fhir.Key) ([]*fhir.Resource, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	there := keys
	var found []*fhir.Resource
	if len(w.was) > 0 {
		there = make([]fhir.Key, 0, len(keys))
		for _, k := range keys {
			v, other := w.was[k]
			if !other {
				there = append(there, k)
			} else if v != nil {
				found = append(found, v)
			}
		}
	}
	more, err := w.ReadMany(there)
	return append(found, more...), err
}

// poverty tells of persons whether their family is poor; of those without a family
// it tells nothing.
func (w world) poverty(keys []fhir.Key) (map[fhir.Key]string, error) {
	of := map[fhir.Key]string{}
	if len(keys) == 0 {
		return of, nil
	}
	ids := make([]string, len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	err := each(w, "Group", refersToAny("member", "Patient", ids), func(g stored) error {
		if _, other := w.was[g.Key]; !other {
			poorer(of, g.node)
		}
		return nil
	})
	for _, k := range keys {
		if is, known := w.poor[k]; known {
			of[k] = poorest(of[k], is)
		}
	}
	return of, err
}

// poorer notes the poverty of the members of a family, if it is one.
func poorer(of map[fhir.Key]string, g fhir.Node) {
	if !isFamily(g) {
		return
	}
	is := povertyOf(g)
	for _, k := range membersOf(g) {
		if had, known := of[k]; !known {
			of[keep(k)] = is
		} else if more := poorest(had, is); more != had {
			of[k] = more
		}
	}
}

// poorest gives what a person is who is a member of two families: poor where one of
// them is, and what is known where of one nothing is. "" is no family.
func poorest(a, b string) string {
	if a == "" || b != indicator.Unknown && a != "POOR" {
		return b
	}
	return a
}
