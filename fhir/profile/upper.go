package profile

import (
	"cmp"
	"slices"
	"strings"

	"bima/fhir"
)

// planBytesMax is about how much memory the plans of stored profiles may take;
// what was made beyond it is made anew when it is asked for.
const planBytesMax = 64 << 20

// Over gives a Set that knows stored profiles besides those of s. What s defines
// counts before them, also in other versions, and is compiled without them, so
// that nothing stored changes it. Of several of one URL the one is meant that is
// active before a draft and that before a retired one, and then the latest.
func (s *Set) Over(sources []*Source) *Set {
	u := &Set{options: s.options, under: s, entries: make(map[string]*entry, 2*len(sources)), versions: map[string][]*entry{}, valueSets: s.valueSets, systems: s.systems}
	for _, source := range sources {
		if s.entries[source.url] == nil {
			u.versions[source.url] = append(u.versions[source.url], &entry{head: source.head, set: u, source: source, body: source.body})
		}
	}
	for url, list := range u.versions {
		slices.SortFunc(list, func(a, b *entry) int { return a.against(b) })
		u.entries[url] = list[0]
		for _, e := range list {
			if e.version != "" && u.entries[url+"|"+e.version] == nil {
				u.entries[url+"|"+e.version] = e
			}
		}
	}
	return u
}

// Defines reports whether the Set has a definition of a canonical URL, of whatever
// version.
func (s *Set) Defines(url string) bool {
	return s.entries[url] != nil || s.under != nil && s.under.Defines(url)
}

// against orders definitions of one URL, the one that is meant first.
func (e *entry) against(other *entry) int {
	return cmp.Or(rank(e.status)-rank(other.status), -compareVersions(e.version, other.version), cmp.Compare(e.source.id, other.source.id))
}

func rank(status string) int {
	return slices.Index([]string{statusActive, "draft", "unknown", statusRetired}, status)
}

// compareVersions compares number by number: 1.10 is later than 1.9.
func compareVersions(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if isNumber(x) && isNumber(y) {
			x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if c := cmp.Compare(len(x), len(y)); c != 0 {
				return c
			}
		}
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// findUpper is find where there are stored profiles.
func (s *Set) findUpper(canonical string) *entry {
	if e := s.under.find(canonical); e != nil {
		return e
	}
	if e := s.entries[canonical]; e != nil {
		return e
	}
	url, version, _ := strings.Cut(canonical, "|")
	for _, e := range s.versions[url] {
		if e.isOf(version) {
			return e
		}
	}
	return nil
}

// Versions gives the versions in which the Set has a definition, where it has it
// at all.
func (s *Set) Versions(canonical string) []string {
	url, _, _ := strings.Cut(canonical, "|")
	if e := s.entries[url]; e != nil && e.source == nil {
		return []string{e.version}
	}
	var list []string
	for _, e := range s.versions[url] {
		list = append(list, e.version)
	}
	if list == nil && s.under != nil {
		return s.under.Versions(canonical)
	}
	return list
}

// usable gives the outcome of compiling a stored profile: none where it has errors.
func (e *entry) usable(p *plan, err *fhir.Outcome) (*plan, *fhir.Outcome) {
	if err == nil {
		err = firstError(p.problems)
	}
	if err == nil {
		return p, nil
	}
	where := ""
	if at := err.Issues[0].Expression; at != "" {
		where = " (" + at + ")"
	}
	return nil, fhir.Errorf(err.Issues[0].Code, "", "the profile %s, stored as StructureDefinition/%s, can't be used: %s%s", e.name, e.source.id, err.Issues[0].Diagnostics, where)
}

// firstError gives the first of some issues that is an error.
func firstError(issues []fhir.Issue) *fhir.Outcome {
	for _, i := range issues {
		if i.Severity == fhir.SeverityError {
			return &fhir.Outcome{Issues: []fhir.Issue{i}}
		}
	}
	return nil
}

// elementBytes is about how much memory one element of a plan takes, and bodyFactor
// how much that of a definition's text, which plans point into.
const (
	elementBytes = 500
	bodyFactor   = 8
)

// room forgets the plans of stored profiles where they take too much. Who holds
// one goes on with it.
func (s *Set) room() {
	if s.under == nil || s.kept <= planBytesMax {
		return
	}
	s.kept = 0
	for _, list := range s.versions {
		for _, e := range list {
			e.compiled.Store(nil)
			e.tree = nil
		}
	}
}

// Claim is Check of a profile that a resource claims. Of stored ones only those
// that are active refuse: findings against a draft are warnings, a retired one is
// not looked at, and one that can't be used is told as a warning.
func (s *Set) Claim(n fhir.Node, profile string) (issues []fhir.Issue, known bool) {
	e := s.find(profile)
	if e == nil || e.source == nil || e.source.Active() && e.works() {
		return s.Check(n, profile)
	}
	if e.status == statusRetired {
		return nil, false
	}
	issues, known = s.Check(n, profile)
	for i := range issues {
		if issues[i].Severity == fhir.SeverityError {
			issues[i].Severity = fhir.SeverityWarning
		}
	}
	return issues, known
}

// works reports whether a definition can be compiled.
func (e *entry) works() bool {
	_, err := e.set.plan(e)
	return err == nil
}

// Examine tells what would come of storing a definition that was read, by the Set
// that has it: errors where it can never be used as it is; warnings of what it
// lacks yet, or has no effect.
func (s *Set) Examine(source *Source) []fhir.Issue {
	if s.under.Defines(source.url) {
		return []fhir.Issue{noEffect("StructureDefinition.url", "this server or one of its packages defines %s itself, and that holds: the profile has no effect; give it a url of your own", source.url)}
	}
	if source.broken != nil {
		return source.broken.Issues
	}
	var e *entry
	var issues []fhir.Issue
	for _, other := range s.versions[source.url] {
		switch {
		case other.source == source:
			e = other
		case other.version == source.version:
			issues = append(issues, noEffect("StructureDefinition.url", "StructureDefinition/%s defines %s in the same version %q: one of the two has no effect; give this one another version, or delete that one", other.source.id, source.url, source.version))
		}
	}
	if ring := s.ring(e); ring != nil {
		return append(issues, ring.Issues...)
	}
	p, err := s.tried(e)
	if err == nil {
		return append(append(issues, p.problems...), p.absent()...)
	}
	for _, i := range err.Issues {
		if i.Code == fhir.IssueNotFound || i.Code == fhir.IssueIncomplete {
			i.Severity = fhir.SeverityWarning
			i.Diagnostics += "; until then nothing is held against this one"
		}
		issues = append(issues, i)
	}
	return issues
}

// tried compiles a definition and keeps nothing of it.
func (s *Set) tried(e *entry) (*plan, *fhir.Outcome) {
	s.compiling.Lock()
	defer s.compiling.Unlock()
	p, err := s.treeOf(e)
	if err == nil {
		err = s.complete(p)
	}
	return p, err
}

// ring refuses a definition that builds on itself.
func (s *Set) ring(e *entry) *fhir.Outcome {
	at := e
	for range chainMax {
		if at = s.find(at.base); at == nil {
			return nil
		}
		if at == e {
			return fhir.Errorf(fhir.IssueProcessing, "StructureDefinition.baseDefinition", "the profile %s builds on itself: correct its baseDefinition", e.url)
		}
	}
	return nil
}

// absentMax is how many profiles that are not here one sentence names.
const absentMax = 10

// absent tells of the profiles that a plan refers to and that are not here yet.
func (p *plan) absent() []fhir.Issue {
	var list []string
	p.root.each(func(e *element) {
		for _, t := range e.types {
			list = append(list, t.unknown...)
			for _, to := range t.targets {
				if to.typ == "" {
					list = append(list, to.name)
				}
			}
		}
	})
	if len(list) == 0 {
		return nil
	}
	slices.Sort(list)
	list = slices.Compact(list)
	more := ""
	if len(list) > absentMax {
		list, more = list[:absentMax], " and others"
	}
	return []fhir.Issue{{
		Severity: fhir.SeverityInformation, Code: fhir.IssueInformational,
		Diagnostics: "profiles that it refers to are not here yet, so nothing is held against them until their StructureDefinitions are stored: " + strings.Join(list, ", ") + more,
	}}
}
