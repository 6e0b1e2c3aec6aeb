package everything

import (
	"math"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// owners are the persons whose records are asked for; all is every one.
type owners struct {
	all     bool
	keys    []fhir.Key
	place   map[fhir.Key]int
	group   *fhir.Resource // the Group they are members of
	version int64          // of group

	read      fhir.Key   // the person whose referrers are known
	referrers []fhir.Key // of read
}

// ownersOf finds the persons.
func (a *answer) ownersOf(on fhir.Key) (owners, error) {
	if on.ID == "" {
		return owners{all: true}, nil
	}
	found, err := a.reader.Read(on)
	if err == nil && found.Deleted {
		err = fhir.Errorf(fhir.IssueDeleted, "", "%s was deleted", on)
	}
	if err != nil {
		return owners{}, err
	}
	if on.Type == "Patient" {
		return ownersFrom([]fhir.Key{on}), nil
	}
	if a.at.Version > 0 && a.at.Version != found.Version {
		if found, err = a.reader.ReadVersion(on, a.at.Version); err != nil {
			return owners{}, err
		}
	}
	doc, err := fhir.Parse(found.Body)
	if err != nil {
		return owners{}, err
	}
	defer doc.Release()
	var keys []fhir.Key
	for member := range doc.Root().Get("member").Each() {
		ref := fhir.ParseReference(member.At("entity", "reference").Text(), r4.IsResource)
		if ref.Type == "Patient" && ref.ID != "" && (ref.Base == "" || ref.Base == a.Base) && member.Get("inactive").Text() != "true" {
			keys = append(keys, fhir.Key{Type: "Patient", ID: strings.Clone(ref.ID)})
		}
	}
	o := ownersFrom(keys)
	o.group, o.version = found, found.Version
	return o, nil
}

// ownersFrom gives the owners of keys, each once.
func ownersFrom(keys []fhir.Key) owners {
	o := owners{place: make(map[fhir.Key]int, len(keys))}
	for _, k := range keys {
		if _, again := o.place[k]; !again {
			o.place[k] = len(o.keys)
			o.keys = append(o.keys, k)
		}
	}
	return o
}

// count is how many rounds of records there are.
func (o *owners) count() int {
	if o.all {
		return 1
	}
	return len(o.keys)
}

// members gives the types of the Patient compartment with the parameters that tie
// them to the person.
func members() map[string][]string {
	i := slices.IndexFunc(r4.Compartments(), func(c *r4.Compartment) bool { return c.Type == "Patient" })
	return r4.Compartments()[i].Members
}

// fillRecords adds records from a place on. It gives where to go on with what
// they refer to, nil where the page is full first.
func (a *answer) fillRecords(at *cursor) (*cursor, error) {
	if a.first && a.owners.group != nil && a.wants("Group") && a.recent(a.owners.group) {
		a.records = append(a.records, a.owners.group)
	}
	owner, after := at.Owner, at.After
	for owner < a.owners.count() {
		room := a.count - len(a.records)
		if room <= 0 {
			a.next = &cursor{Owner: owner, After: after, Version: a.owners.version}
			return nil, nil
		}
		page, err := a.page(owner, after, min(room, readAtOnce))
		if err != nil {
			return nil, err
		}
		a.records = append(a.records, page.Resources...)
		if after = page.Next; after == "" {
			owner++
		}
	}
	return &cursor{Support: true, Version: a.owners.version}, nil
}

// page gives some records of one owner, without those that an owner before has
// too.
func (a *answer) page(owner int, after string, limit int) (*fhir.Page, error) {
	if p, ok, err := a.pageOfKeys(owner, after, limit); ok || err != nil {
		return p, err
	}
	q, err := a.query(owner)
	if err != nil || len(q.Types) == 0 {
		return &fhir.Page{}, err
	}
	q.After, q.Limit = after, limit
	page, err := a.reader.Search(q)
	if err != nil || owner == 0 && a.owners.group == nil {
		return page, err
	}
	kept := page.Resources[:0:0]
	for _, r := range page.Resources {
		again, err := a.earlier(r, owner)
		if err != nil {
			return nil, err
		}
		if !again {
			kept = append(kept, r)
		}
	}
	page.Resources = kept
	return page, nil
}

// earlier reports whether a record was given already: as the Group itself, or
// as one of an owner before this one.
func (a *answer) earlier(r *fhir.Resource, owner int) (bool, error) {
	if a.owners.group != nil && r.Key == a.owners.group.Key {
		return true, nil
	}
	if owner == 0 {
		return false, nil
	}
	if place, ok := a.owners.place[r.Key]; ok {
		return place < owner, nil
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return false, err
	}
	defer doc.Release()
	for _, code := range members()[r.Type] {
		for _, ref := range a.registry.References(doc.Root(), code) {
			if place, ok := a.owners.place[ref.Key]; ok && place < owner {
				return true, nil
			}
		}
	}
	return false, nil
}

// query is the search for the records of one owner.
func (a *answer) query(owner int) (*fhir.Query, error) {
	q := &fhir.Query{Types: a.recordTypes()}
	where, err := a.tied(owner)
	if err != nil {
		return nil, err
	}
	all := fhir.All{where}
	if a.since != 0 {
		all = append(all, fhir.Updated{Prefix: fhir.PrefixGreaterEqual, From: a.since, To: a.since + 1})
	}
	if a.start != 0 || a.end != 0 {
		all = append(all, a.cared())
	}
	q.Where = all
	return q, nil
}

// tied holds for the records of an owner.
func (a *answer) tied(owner int) (fhir.Criterion, error) {
	if !a.owners.all {
		return a.registry.Compartment(a.owners.keys[owner], "")
	}
	tied := fhir.Any{fhir.Of{Types: []string{"Patient"}}}
	for _, typ := range a.recordTypes() {
		var any fhir.Any
		for _, code := range members()[typ] {
			if code != "{def}" {
				any = append(any, fhir.Present{Param: fhir.Param{Code: code, Kind: fhir.ParamReference}})
			}
		}
		if len(any) > 0 && typ != "Patient" {
			tied = append(tied, fhir.Of{Types: []string{typ}, Where: any})
		}
	}
	return tied, nil
}

// recordTypes gives the types of records asked for, sorted.
func (a *answer) recordTypes() []string {
	types := []string{}
	for typ, codes := range members() {
		if (len(codes) > 0 || typ == "Patient") && a.wants(typ) {
			types = append(types, typ)
		}
	}
	if a.wants("Patient") && !slices.Contains(types, "Patient") {
		types = append(types, "Patient")
	}
	slices.Sort(types)
	return types
}

// careDates are the parameters that tell when care was given, the best first.
var careDates = []string{
	"date", "period", "service-date", "created", "authoredon", "occurrence", "onset-date", "recorded-date",
	"effective", "started", "sent", "issued",
}

// cared holds for records of care within the dates asked for, for those that
// don't say when, and for the person. Source: R4 patient-operation-everything
// ("The date range relates to care dates, not record currency dates").
func (a *answer) cared() fhir.Criterion {
	byCode := make(map[string][]string)
	var undated []string
	for _, typ := range a.recordTypes() {
		if code := a.careDate(typ); code != "" {
			byCode[code] = append(byCode[code], typ)
		} else {
			undated = append(undated, typ)
		}
	}
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if a.start != 0 {
		from = a.start
	}
	if a.end != 0 {
		to = a.end
	}
	var any fhir.Any
	if len(undated) > 0 {
		any = append(any, fhir.Of{Types: undated})
	}
	for _, code := range careDates {
		if len(byCode[code]) == 0 {
			continue
		}
		param := fhir.Param{Code: code, Kind: fhir.ParamDate}
		within := fhir.All{}
		if a.start != 0 {
			within = append(within, fhir.Match{Param: param, Value: fhir.DateValue{Prefix: fhir.PrefixGreaterEqual, From: from, To: from + 1}})
		}
		if a.end != 0 {
			within = append(within, fhir.Match{Param: param, Value: fhir.DateValue{Prefix: fhir.PrefixLess, From: to, To: to + 1}})
		}
		any = append(any, fhir.Of{Types: byCode[code], Where: fhir.Any{within, fhir.Not{Criterion: fhir.Present{Param: param}}}})
	}
	return any
}

// careDate gives the parameter of a type that tells when care was given; "" where
// it has none.
func (a *answer) careDate(typ string) string {
	if typ == "Patient" {
		return ""
	}
	for _, code := range careDates {
		if p := a.registry.Param(typ, code); p != nil && p.Kind == "date" {
			return code
		}
	}
	return ""
}

// recent reports whether a resource is new enough.
func (a *answer) recent(r *fhir.Resource) bool {
	return a.since == 0 || r.Updated.UnixMicro() >= a.since
}
