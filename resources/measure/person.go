package measure

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

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
		if _, told := s.told(k); told || k.Type != "Patient" || asked[k] {
			continue
		}
		if _, known := s.persons[k]; !known {
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
	return eachOf(found, ofPerson, func(p stored) error {
		s.persons[p.Key] = s.person(p.node, poverty[p.Key])
		return nil
	})
}

// personOf gives who was recalled; who is not there is of unknown sex.
func (s *scheme) personOf(k fhir.Key) person {
	if f, told := s.told(k); told {
		return f.person()
	}
	if p, known := s.persons[k]; known {
		return p
	}
	return person{sex: sexes[0], poverty: indicator.Unknown}
}

// told gives what the census has of a person, if that is true of him here.
func (s *scheme) told(k fhir.Key) (fact, bool) {
	if s.census == nil || k.Type != "Patient" || s.strangers[k] {
		return fact{}, false
	}
	f := s.census.of(k)
	return f, f.listed
}

// sexes are the options of HF_SEX: the first of who is of no known one.
var sexes = []string{"U", "M", "F"}

// person reads a Patient.
func (s *scheme) person(n fhir.Node, poverty string) (p person) {
	switch p.sex = sexes[0]; n.Get("gender").Text() {
	case "male":
		p.sex = sexes[1]
	case "female":
		p.sex = sexes[2]
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

// A census tells of all persons what is to be known of them. Where many claims are
// counted, to read everybody once costs less than to look for each claim's person. It
// is by the handles of Patients.
type census struct {
	*handles

	lock  sync.Mutex // while it is read
	facts map[handle]fact
}

func newCensus(h *handles, persons int64) *census {
	return &census{handles: h, facts: make(map[handle]fact, persons)}
}

// A fact is what a census has of one person.
type fact struct {
	born    adjudication.Day
	dated   bool // whether born is known
	listed  bool // whether his Patient was read
	sex     byte // an index into sexes
	poverty byte // an index into povertyOptions
}

// povertyOptions are what poverty gives: the first of who is in no family.
var povertyOptions = []string{"", indicator.Unknown, "POOR", "NONPOOR"}

// censusMax is of how many families, and of how many persons, a census is held in
// memory at most: some 50 bytes each.
const censusMax = 2_000_000

// of gives what is known of a Patient.
func (c *census) of(k fhir.Key) fact { return c.facts[c.handles.of(k)] }

func (f fact) person() person {
	p := person{sex: sexes[f.sex], born: f.born, known: f.dated, poverty: povertyOptions[f.poverty]}
	if p.poverty == "" {
		p.poverty = indicator.Unknown
	}
	return p
}

// A survey tells how much there is of what facilities are counted from.
type survey struct {
	wanted, facilities int64 // how many are to be counted, and how many there are
	answers, every     int64 // since the first month, and all
	families, persons  int64
}

// survey counts it, where more than a few facilities are to be counted.
func (c *counter) survey(ctx context.Context, s fhir.Server, wanted int, months []month) (size survey, err error) {
	size.wanted = int64(wanted)
	if wanted <= onceMax {
		return size, nil
	}
	since := c.createdSince(newBook(months).first().first())
	err = s.View(ctx, func(r fhir.Reader) error {
		for _, one := range []struct {
			into  *int64
			typ   string
			where fhir.Criterion
		}{
			{&size.facilities, "Organization", isFacility},
			{&size.answers, "ClaimResponse", since},
			{&size.every, "ClaimResponse", nil},
			{&size.families, "Group", nil},
			{&size.persons, "Patient", nil},
		} {
			if *one.into, err = howMany(r, one.typ, one.where); err != nil {
				return err
			}
		}
		return nil
	})
	return size, err
}

// walks reports whether to go through all claims costs less than to look for those of
// each facility: at least half of them are counted.
func (s survey) walks() bool {
	return s.wanted > onceMax && 2*s.wanted >= s.facilities && 2*s.answers >= s.every
}

// census reads the families, and the persons where about as many claims as there are
// persons are counted; nil where looking up costs less: there are fewer answers since
// the first month than families, or only a few facilities to count.
func (c *counter) census(ctx context.Context, s fhir.Server, size survey) (*census, error) {
	if size.wanted <= onceMax || size.families > censusMax || size.answers < size.families {
		return nil, nil
	}
	found := newCensus(newHandles(), min(size.persons, censusMax))
	group, ctx := errgroup.WithContext(ctx)
	piped(ctx, group, s, "Group", ofFamily, found.family)
	if size.persons <= censusMax && size.answers >= size.persons/2 {
		who := &scheme{counter: c}
		piped(ctx, group, s, "Patient", ofPerson, func(p stored) { found.list(p.Key, who.person(p.node, ""), "") })
	}
	return found, group.Wait()
}

// piped reads what is picked of all resources of a type, and does something with each
// while the next are fetched.
func piped(ctx context.Context, group *errgroup.Group, s fhir.Server, typ string, pick *fhir.Picker, do func(stored)) {
	fetched := make(chan []*fhir.Resource, 2)
	group.Go(func() error {
		defer close(fetched)
		return s.View(ctx, func(r fhir.Reader) error {
			return resourcesOf(r, claimPage, typ, nil, func(page []*fhir.Resource) error {
				select {
				case fetched <- page:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		})
	})
	group.Go(func() error {
		for page := range fetched {
			err := eachOf(page, pick, func(one stored) error {
				do(one)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// list notes a person, and of what poverty his family is where that is told here.
func (c *census) list(k fhir.Key, p person, poverty string) {
	key, sex := c.handles.of(k), byte(slices.Index(sexes, p.sex))
	c.lock.Lock()
	defer c.lock.Unlock()
	f := c.facts[key]
	f.listed, f.born, f.dated, f.sex = true, p.born, p.known, sex
	if poverty != "" {
		f.poverty = byte(slices.Index(povertyOptions, poverty))
	}
	c.facts[key] = f
}

// family notes a family.
func (c *census) family(g stored) {
	if !isFamily(g.node) {
		return
	}
	is, members := povertyOf(g.node), membersOf(g.node)
	c.lock.Lock()
	defer c.lock.Unlock()
	for _, p := range members {
		key := c.handles.of(p)
		f := c.facts[key]
		f.poverty = byte(slices.Index(povertyOptions, poorest(povertyOptions[f.poverty], is)))
		c.facts[key] = f
	}
}

// howMany counts what a query finds.
func howMany(r fhir.Reader, typ string, where fhir.Criterion) (int64, error) {
	page, err := r.Search(&fhir.Query{Types: []string{typ}, Where: where, Total: fhir.TotalAccurate})
	if err != nil {
		return 0, err
	}
	return *page.Total, nil
}

// knows has a scheme tell of persons by a census, as far as what a snapshot holds
// beyond it allows.
func (s *scheme) knows(r fhir.Reader, c *census, beyond []changed) error {
	if c == nil {
		return nil
	}
	others, all, err := strangers(r, beyond)
	if all {
		s.census, s.strangers = c, others
	}
	return err
}

// poverty tells of persons whether their family is poor, by the census but for those
// of whom it may not be true.
func (s *scheme) poverty(w world, persons []fhir.Key) (map[fhir.Key]string, error) {
	if s.census == nil {
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
		if is := povertyOptions[s.census.of(p).poverty]; is != "" && !s.strangers[p] {
			of[p] = is
		}
	}
	return of, err
}

// strangers gives of whom a census may not be true: who has changed since before it was
// read, and who is or was a member of the families that have. all is false where that
// is not known, since a version is gone.
func strangers(r fhir.Reader, list []changed) (found map[fhir.Key]bool, all bool, err error) {
	found = map[fhir.Key]bool{}
	for _, c := range list {
		if c.key.Type == "Patient" {
			found[c.key] = true
		}
		if c.key.Type != "Group" {
			continue
		}
		is, err := r.Read(c.key)
		for n := max(c.version, 1); err == nil && n <= is.Version; n++ {
			var v *fhir.Resource
			if v, err = r.ReadVersion(c.key, n); err == nil && !v.Deleted {
				err = eachOf([]*fhir.Resource{v}, ofFamily, func(g stored) error {
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
