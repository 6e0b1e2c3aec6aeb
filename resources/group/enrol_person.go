package group

import (
	"fmt"
	"slices"

	"bima/fhir"
	"bima/profiles"
)

// numbersAtOnce is how many insurance numbers, or ids, one search asks for.
const numbersAtOnce = 200

// findPersons finds those who are there already: by id, and by insurance number.
func (e *enrolment) findPersons(tx fhir.Tx) error {
	var ids []fhir.Key
	var numbers []fhir.TokenValue
	for _, p := range e.persons {
		if p.id != "" {
			ids = append(ids, fhir.Key{Type: "Patient", ID: p.id})
		}
		if number := numberOf(p.node); number != "" {
			numbers = append(numbers, fhir.TokenValue{System: profiles.IdentifierInsuranceNumber, Code: number})
		}
	}
	byID, byNumber := map[string]fhir.Node{}, map[string]fhir.Node{}
	for chunk := range slices.Chunk(ids, numbersAtOnce) {
		found, err := tx.ReadMany(chunk)
		if err != nil {
			return err
		}
		for _, r := range found {
			doc, err := fhir.Parse(r.Body)
			if err != nil {
				return err
			}
			byID[r.ID] = doc.Root()
		}
	}
	for chunk := range slices.Chunk(numbers, numbersAtOnce) {
		page, err := tx.Search(&fhir.Query{Types: []string{"Patient"}, Limit: len(chunk), Where: fhir.Match{
			Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken}, Value: fhir.TokenSetValue{Tokens: chunk},
		}})
		if err != nil {
			return err
		}
		for _, r := range page.Resources {
			doc, err := fhir.Parse(r.Body)
			if err != nil {
				return err
			}
			byNumber[numberOf(doc.Root())] = doc.Root()
		}
	}
	for _, p := range e.persons {
		if p.existing = byID[p.id]; p.id == "" || !p.existing.Exists() {
			p.existing = byNumber[numberOf(p.node)]
		}
		if numberOf(p.node) == "" && p.id == "" {
			p.existing = fhir.Node{}
		}
	}
	return nil
}

// storePerson makes a person, unless he is there.
func (e *enrolment) storePerson(tx fhir.Tx, p *enrolled) error {
	if p.existing.Exists() {
		p.key = fhir.Key{Type: "Patient", ID: p.existing.Get("id").Text()}
		return samePerson(tx, p)
	}
	made, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Patient", ID: p.id}, Body: e.assigned(p.node)})
	if err != nil {
		return err
	}
	p.key, p.new = made.Key, true
	return nil
}

// samePerson refuses an enrolment of somebody else under an id or a number that
// is taken. It names the family, and nobody in it.
func samePerson(tx fhir.Tx, p *enrolled) error {
	differs := func(element string) bool {
		sent, there := p.node.Get(element).Text(), p.existing.Get(element).Text()
		return sent != "" && there != "" && sent != there
	}
	element := ""
	switch there := numberOf(p.existing); {
	case p.id != "" && p.id != p.key.ID:
		element = "identifier"
	case numberOf(p.node) != "" && there != "" && numberOf(p.node) != there:
		element = "identifier"
	case differs("birthDate"):
		element = "birthDate"
	case differs("gender"):
		element = "gender"
	default:
		return nil
	}
	family, err := familyOf(tx, p.key)
	if err != nil {
		return err
	}
	return fhir.Detailf(fhir.IssueDuplicate, fhir.DetailUnique, "Patient."+element,
		"%s belongs to somebody else, %s; look whether he is that person, or correct the number", subject(p), family)
}

func subject(p *enrolled) string {
	if number := numberOf(p.node); number != "" && number == numberOf(p.existing) {
		return "the insurance number " + number
	}
	return "the id " + p.id
}

// familyOf names the family of a person without naming anybody.
func familyOf(r fhir.Reader, person fhir.Key) (string, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"Group"}, Where: memberOf([]fhir.Key{person}), Limit: familiesMax})
	if err != nil {
		return "", err
	}
	for _, found := range page.Resources {
		doc, err := fhir.Parse(found.Body)
		if err != nil {
			return "", err
		}
		if isFamily(doc.Root()) && active(doc.Root()) && find(members(doc.Root(), ""), person) >= 0 {
			return "in the family " + codeOf(doc.Root()), nil
		}
	}
	return "who is in no family", nil
}

// assigned gives the body of a person, whose identifiers of other registers say
// which assigned them, where the enrolment says so.
func (e *enrolment) assigned(n fhir.Node) []byte {
	if e.source == "" {
		return n.Raw()
	}
	edit := fhir.NewEdit(n.Document())
	for i := range n.Get("identifier").Each() {
		if system := i.Get("system").Text(); system == profiles.IdentifierInsuranceNumber || i.Get("assigner").Exists() {
			continue
		}
		edit.Set(i, "assigner", fmt.Appendf(nil, `{"display":%s}`, quote(e.source)))
	}
	return edit.Bytes()
}

// record notes in a Provenance where those who are new come from.
func (e *enrolment) record(tx fhir.Tx) error {
	if e.source == "" {
		return nil
	}
	var targets [][]byte
	for _, one := range slices.Concat(e.persons, e.groups) {
		if one.new {
			targets = append(targets, fmt.Appendf(nil, `{"reference":%q}`, one.key.String()))
		}
	}
	if len(targets) == 0 {
		return nil
	}
	who := fmt.Appendf(nil, `{"display":%s}`, quote(tx.Caller().Name))
	if k := tx.Caller().Entity; !k.IsZero() {
		who = fmt.Appendf(nil, `{"reference":%q}`, k.String())
	}
	body := fmt.Sprintf(`{"resourceType":"Provenance","target":%s,"recorded":%q,"activity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-DataOperation","code":"CREATE"}]},`+
		`"agent":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/provenance-participant-type","code":"enterer"}]},"who":%s}],"entity":[{"role":"source","what":{"display":%s}}]}`,
		array(targets), tx.Now().UTC().Format("2006-01-02T15:04:05.000Z"), who, quote(e.source))
	_, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Provenance"}, Body: []byte(body)})
	return err
}
