package group

import (
	"context"
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/profiles"
)

// split is Group/id/$split.
func (s Settings) split(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	form, err := parameters.Of(in)
	if err == nil {
		err = form.Only("person", "new-head", "head", "identifier", "address", "date")
	}
	if err != nil {
		return nil, err
	}
	var made fhir.Key
	err = server.Commit(ctx, func(tx fhir.Tx) (err error) {
		made, err = s.splitOff(tx, on, form)
		return err
	})
	if err != nil {
		return nil, err
	}
	return families(ctx, server, []fhir.Key{made, on}, nil)
}

func (s Settings) splitOff(tx fhir.Tx, on fhir.Key, form parameters.Form) (fhir.Key, error) {
	persons, err := form.Keys(tx, "person", "Patient")
	if err != nil {
		return fhir.Key{}, err
	}
	head, err := form.Key(tx, "new-head", "Patient")
	if err != nil {
		return fhir.Key{}, err
	}
	if !slices.Contains(persons, head) {
		persons = append(persons, head)
	}
	old, err := s.open(tx, on, "Group")
	if err != nil {
		return fhir.Key{}, err
	}
	date, err := s.date(tx, form)
	if err != nil {
		return fhir.Key{}, err
	}
	rows, err := old.rowsOf(persons, head, date)
	if err != nil {
		return fhir.Key{}, err
	}
	if err := old.depart(tx, persons, date, form); err != nil {
		return fhir.Key{}, err
	}
	if len(old.list) == 0 {
		return fhir.Key{}, refuse(parameters.Expression("person"), "nobody would be left in the family %s; change its head by $change-head instead", codeOf(old.root))
	}
	if err := old.save(tx); err != nil {
		return fhir.Key{}, err
	}
	body, err := old.offspring(tx, head, rows, form)
	if err != nil {
		return fhir.Key{}, err
	}
	made, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Group"}, Body: body})
	if err != nil {
		return fhir.Key{}, err
	}
	return made.Key, nil
}

// rowsOf writes the members of the new family: what they are to its head follows
// from what they and he are to the head of the old one.
func (f *family) rowsOf(persons []fhir.Key, head fhir.Key, date string) ([][]byte, error) {
	i := find(f.list, head)
	if i < 0 {
		return nil, refuse(parameters.Expression("new-head"), "%s is not in the family %s", head, codeOf(f.root))
	}
	was := relationshipOf(f.list[i].node)
	var rows [][]byte
	seen := map[fhir.Key]bool{}
	for _, p := range persons {
		i := find(f.list, p)
		if i < 0 {
			return nil, refuse(parameters.Expression("person"), "%s is not in the family %s", p, codeOf(f.root))
		}
		if seen[p] {
			return nil, refuse(parameters.Expression("person"), "%s is named twice", p)
		}
		seen[p] = true
		m := f.list[i]
		var relationship []byte
		switch to := relationshipOf(m.node); {
		case p == head:
		case m.head && was == "":
		case m.head:
			relationship = concept(relationshipAfter(was, ""))
		case f.list[find(f.list, head)].head:
			relationship = concept(to)
			if to == "" {
				relationship = nil
			}
		case to != "":
			relationship = concept(relationshipAfter(was, to))
		}
		rows = append(rows, newRow(p, date, relationship, p == head))
	}
	return rows, nil
}

// offspring writes the Group of the new family: what the old one says of itself,
// but for its members, its number and, where one is given, its address.
func (f *family) offspring(tx fhir.Tx, head fhir.Key, rows [][]byte, form parameters.Form) ([]byte, error) {
	patient, err := fhir.Tree(tx, head)
	if err != nil {
		return nil, err
	}
	number := form.Value("identifier").Text()
	if number == "" {
		if number, err = freeNumber(tx, patient.Identifier(profiles.IdentifierInsuranceNumber)); err != nil {
			return nil, err
		}
	}
	address := form.Value("address")
	var about [][]byte
	for x := range f.root.Get("extension").Each() {
		if !address.Exists() || x.Get("url").Text() != profiles.ExtensionOpenIMISGroupAddress {
			about = append(about, x.Raw())
		}
	}
	if address.Exists() {
		about = append(about, fmt.Appendf(nil, `{"url":%q,"valueAddress":%s}`, profiles.ExtensionOpenIMISGroupAddress, address.Raw()))
	}
	b := []byte(`{"resourceType":"Group",`)
	if len(about) > 0 {
		b = append(append(append(b, `"extension":`...), array(about)...), ',')
	}
	if number != "" {
		b = fmt.Appendf(b, `"identifier":[{"system":%q,"value":%s}],`, profiles.IdentifierFamily, quote(number))
	}
	b = append(b, `"active":true,"type":"person","actual":true,`...)
	if name := patient.Get("name").First().Get("family").Text(); name != "" {
		b = append(append(append(b, `"name":`...), quote(name)...), ',')
	}
	if managing := f.root.Get("managingEntity"); managing.Exists() {
		b = append(append(append(b, `"managingEntity":`...), managing.Raw()...), ',')
	}
	return fmt.Appendf(b, `"quantity":%d,"member":%s}`, len(rows), array(rows)), nil
}

// numbersTried bounds how many families one head may have had.
const numbersTried = 100

// freeNumber gives a family number that no other family bears: that of its head,
// as in openIMIS, or it with -2, -3 and so on; "" where he has none.
func freeNumber(r fhir.Reader, wanted string) (string, error) {
	if wanted == "" {
		return "", nil
	}
	for n := 1; n <= numbersTried; n++ {
		number := wanted
		if n > 1 {
			number = fmt.Sprintf("%s-%d", wanted, n)
		}
		_, taken, err := r.Owner(fhir.UniqueKey{Type: "Group", Name: profiles.IdentifierFamily, Value: number})
		if err != nil || !taken {
			return number, err
		}
	}
	return "", refuse("Group.identifier", "there are %d families of the number %s already; give another number", numbersTried, wanted)
}
