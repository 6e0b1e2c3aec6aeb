package measure

import (
	"context"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
	"bima/profiles/indicator"
)

// A person is what is to be known of a Patient.
type person struct {
	sex     string // option of HF_SEX
	born    adjudication.Day
	known   bool   // whether born is
	poverty string // option of HF_POV
}

// personsMax bounds the persons that are remembered while places are counted.
const personsMax = 50_000

// recall gives persons by their keys: those of before, and the others read.
func (s *scheme) recall(w world, keys []fhir.Key) error {
	if len(s.persons) > personsMax {
		clear(s.persons)
	}
	var missing []fhir.Key
	asked := map[fhir.Key]bool{}
	for _, k := range keys {
		if _, known := s.persons[k]; k.Type == "Patient" && !known && !asked[k] {
			asked[k] = true
			missing = append(missing, k)
		}
	}
	found, err := w.many(missing)
	if err != nil {
		return err
	}
	poverty, err := s.poverty(w, missing)
	if err != nil {
		return err
	}
	return eachOf(found, func(p stored) error {
		s.persons[p.Key] = s.person(p.node, poverty[p.Key])
		return nil
	})
}

// person reads a Patient.
func (s *scheme) person(n fhir.Node, poverty string) (p person) {
	switch p.sex = "U"; n.Get("gender").Text() {
	case "male":
		p.sex = "M"
	case "female":
		p.sex = "F"
	}
	p.born, p.known = s.dayOf(n.Get("birthDate").Text())
	if p.poverty = poverty; poverty == "" {
		p.poverty = indicator.Unknown
	}
	return p
}

// isFamily reports whether a Group is a family that is active.
func isFamily(g fhir.Node) bool {
	return g.Identifier(profiles.IdentifierFamily) != "" && g.Get("active").Text() != "false"
}

func povertyOf(g fhir.Node) string {
	switch g.Extension(profiles.ExtensionOpenIMISGroupPoverty).Get("valueBoolean").Text() {
	case "true":
		return "POOR"
	case "false":
		return "NONPOOR"
	}
	return indicator.Unknown
}

// membersOf gives who is in a Group now.
func membersOf(g fhir.Node) []fhir.Key {
	var list []fhir.Key
	for m := range g.Get("member").Each() {
		if k := r4.Target(m.Get("entity")); k.Type == "Patient" && m.Get("inactive").Text() != "true" {
			list = append(list, k)
		}
	}
	return list
}

// band gives the option of HF_AGE on a day.
func (s *scheme) band(p person, on adjudication.Day) string {
	return s.pkg.Band(p.years(on))
}

// years gives a person's age on a day, -1 where it is not known.
func (p person) years(on adjudication.Day) int {
	if !p.known || on < p.born {
		return -1
	}
	by, bm, bd := adjudication.Date(p.born).Date()
	y, m, d := adjudication.Date(on).Date()
	years := y - by
	if m < bm || m == bm && d < bd {
		years--
	}
	return years
}

// under5 gives the option of HF_AGE2; who is of no known age is not under 5.
func (p person) under5(on adjudication.Day) string {
	if years := p.years(on); 0 <= years && years < 5 {
		return "U5"
	}
	return "5P"
}

// A kin tells of the members of all families whether these are poor. Where many claims
// are counted, to read all families once costs less than to look for each person's.
type kin map[string]byte // by ids of Patients: an index into povertyOptions

// povertyOptions are what poverty gives: the first of who is in no family.
var povertyOptions = []string{"", indicator.Unknown, "POOR", "NONPOOR"}

// kinMax is of how many families at most a kin is held in memory: some 100 bytes each.
const kinMax = 1_000_000

// kin reads it, nil where looking up costs less: there are fewer answers since the
// first month than families, or only a few facilities to count.
func (c *counter) kin(ctx context.Context, s fhir.Server, facilities int, months []month) (found kin, err error) {
	if facilities <= onceMax {
		return nil, nil
	}
	first := newBook(months).first().first()
	err = s.View(ctx, func(r fhir.Reader) error {
		families, err := howMany(r, "Group", nil)
		if err != nil || families > kinMax {
			return err
		}
		answers, err := howMany(r, "ClaimResponse", c.createdSince(first))
		if err != nil || answers < families {
			return err
		}
		found = kin{}
		return resourcesOf(r, claimPage, "Group", nil, func(page []*fhir.Resource) error {
			return eachOf(page, func(g stored) error {
				found.add(g.node)
				return nil
			})
		})
	})
	return found, err
}

// knows has a scheme tell poverty by a kin, as far as what a snapshot holds beyond it
// allows.
func (s *scheme) knows(r fhir.Reader, k kin, beyond []changed) error {
	if k == nil {
		return nil
	}
	others, all, err := strangers(r, beyond)
	if all {
		s.kin, s.strangers = k, others
	}
	return err
}

// howMany counts what a query finds.
func howMany(r fhir.Reader, typ string, where fhir.Criterion) (int64, error) {
	page, err := r.Search(&fhir.Query{Types: []string{typ}, Where: where, Total: fhir.TotalAccurate})
	if err != nil {
		return 0, err
	}
	return *page.Total, nil
}

// add notes a family.
func (k kin) add(g fhir.Node) {
	if !isFamily(g) {
		return
	}
	is := povertyOf(g)
	for _, p := range membersOf(g) {
		had, known := k[p.ID]
		now := byte(slices.Index(povertyOptions, poorest(povertyOptions[had], is)))
		switch {
		case !known:
			k[strings.Clone(p.ID)] = now
		case now != had:
			k[p.ID] = now
		}
	}
}

// poverty tells of persons whether their family is poor, by the kin but for those who
// are or were members of families that are others than it knows.
func (s *scheme) poverty(w world, persons []fhir.Key) (map[fhir.Key]string, error) {
	if s.kin == nil {
		return w.poverty(persons)
	}
	var others []fhir.Key
	for _, p := range persons {
		if s.strangers[p] {
			others = append(others, p)
		}
	}
	of, err := w.poverty(others)
	for _, p := range persons {
		if is := povertyOptions[s.kin[p.ID]]; is != "" && !s.strangers[p] {
			of[p] = is
		}
	}
	return of, err
}

// strangers gives who is or was a member of the families among what has changed since
// before a kin was read: of them it may not be true. all is false where that is not
// known, since a version is gone.
func strangers(r fhir.Reader, list []changed) (found map[fhir.Key]bool, all bool, err error) {
	found = map[fhir.Key]bool{}
	for _, c := range list {
		if c.key.Type != "Group" {
			continue
		}
		is, err := r.Read(c.key)
		for n := max(c.version, 1); err == nil && n <= is.Version; n++ {
			var v *fhir.Resource
			if v, err = r.ReadVersion(c.key, n); err == nil && !v.Deleted {
				err = eachOf([]*fhir.Resource{v}, func(g stored) error {
					for _, p := range membersOf(g.node) {
						found[keep(p)] = true
					}
					return nil
				})
			}
		}
		if err != nil {
			if fhir.HasIssue(err, fhir.IssueNotFound) {
				err = nil
			}
			return nil, false, err
		}
	}
	return found, true, nil
}
