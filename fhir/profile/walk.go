package profile

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// A walker is one check. It keeps where it is as a stack and writes a path only
// when it has something to say.
type walker struct {
	set     *Set
	plan    *plan // of which the rules are that are being asked
	issues  []fhir.Issue
	told    int // how many findings there are, told or not
	quiet   int // above 0 findings are only noted
	mild    int // above 0 errors are told as warnings, and refuse nothing
	failed  bool
	stack   []frame
	values  []value // room for the occurrences of elements
	open    []visit
	unknown []string // value sets of which it was said that nobody knows them
	depth   int
	work    int // values held against rules so far
	facts   path.Context
	begun   time.Time            // when it came to the first stored profile; zero where it has not
	late    bool                 // whether those take too long
	held    map[string]fhir.Node // contained resources by their ids, once one was looked for
	heldBy  fhir.Node            // what contains them
}

// A frame is one step of a path: an element, which of its repetitions, and the
// type of its value.
type frame struct {
	name  string
	index int // single for an element that does not repeat
	typ   *r4.Type
}

// A visit is a value that is being held against a profile.
type visit struct {
	node fhir.Node
	plan *plan
}

// A value is one occurrence of an element. Of a primitive, node may be absent
// and half holds its id and extensions.
type value struct {
	node, half fhir.Node
	typ        *r4.Type
	index      int // single for an element that does not repeat
	slice      int // which it is of, while slices are told apart
}

const (
	single    = -1
	issuesMax = 1000 // findings told; a client learns nothing from the thousandth
	workMax   = 5_000_000
	depthMax  = 64 // profiles that lead to each other, by types and references
)

var walkers = sync.Pool{New: func() any { return new(walker) }}

// Check gives what of a resource does not meet a profile: errors, and warnings
// where the profile states a rule as such or can't be held against the resource.
// Extensions are held against their definitions, and contained resources and
// entries of a Bundle against the profiles they claim in meta.profile. The
// resource should be valid R4; what R4 itself asks is not asked again. known is
// false where the Set has no such profile. Source: R4 profiling.
func (s *Set) Check(n fhir.Node, profile string) (issues []fhir.Issue, known bool) {
	typ := r4.Lookup(n.Get("resourceType").Text())
	e := s.find(profile)
	if e == nil {
		return s.checkCore(n, typ, profile)
	}
	p, err := s.plan(e)
	if err != nil {
		return err.Issues, true
	}
	if typ == nil {
		typ = p.typ
	}
	w := s.begin(n, typ)
	if e.status == statusRetired && e.source != nil {
		w.warn(fhir.IssueBusinessRule, "", "the profile %s is retired, so resources that claim it are not held against it: validate against one that is active", p.name)
	}
	v := value{node: n, typ: typ, index: single}
	w.meets(v, e)
	w.everything(n, typ)
	return w.end(), true
}

// checkCore holds a resource against a type of R4 itself, which asks only that it
// be of the type; its extensions are checked as ever.
func (s *Set) checkCore(n fhir.Node, typ *r4.Type, profile string) (issues []fhir.Issue, known bool) {
	want := coreType(profile)
	if want == nil || typ == nil {
		return nil, false
	}
	w := s.begin(n, typ)
	if !typ.Is(want.Name) {
		w.report(fhir.IssueInvalid, "", "the profile is for %s, but this is %s", want.Name, typ.Name)
	}
	w.everything(n, typ)
	return w.end(), true
}

func (s *Set) begin(n fhir.Node, typ *r4.Type) *walker {
	w := walkers.Get().(*walker)
	w.set = s
	w.facts = path.Context{Resource: n, Root: n, Now: s.options.Now}
	w.push(frame{typ.Name, single, typ})
	return w
}

func (w *walker) end() []fhir.Issue {
	issues := w.issues
	if more := w.told - issuesMax; more > 0 {
		issues = append(issues, fhir.Issue{
			Severity: fhir.SeverityError, Code: fhir.IssueTooCostly,
			Diagnostics: fmt.Sprintf("%d more findings are not told: correct these first and validate again", more),
		})
	}
	if w.work > workMax {
		issues = append(issues, fhir.Issue{
			Severity: fhir.SeverityError, Code: fhir.IssueTooCostly,
			Diagnostics: fmt.Sprintf("holding the resource against the profile takes more than %d steps, so it was not finished: part the resource, or the profile", workMax),
		})
	}
	if w.late {
		issues = append(issues, fhir.Issue{
			Severity: fhir.SeverityError, Code: fhir.IssueTooCostly,
			Diagnostics: fmt.Sprintf("holding the resource against stored profiles takes longer than %s, so it was not finished: part the resource, or make the rules of the profiles cheaper", storedTime),
		})
	}
	clear(w.values[:cap(w.values)])
	*w = walker{stack: w.stack[:0], values: w.values[:0], open: w.open[:0]}
	walkers.Put(w)
	return issues
}

func (w *walker) push(f frame) { w.stack = append(w.stack, f) }

func (w *walker) pop() { w.stack = w.stack[:len(w.stack)-1] }

// where gives where the walker is as FHIRPath: "Claim.item[0].net".
func (w *walker) where() string {
	var b []byte
	for i, f := range w.stack {
		if i > 0 {
			b = append(b, '.')
		}
		b = append(b, f.name...)
		if f.index != single {
			b = append(b, '[')
			b = strconv.AppendInt(b, int64(f.index), 10)
			b = append(b, ']')
		}
	}
	return string(b)
}

// storedTime is how long a resource may be held against stored profiles, and
// storedSteps how much one of their rules may do: anybody may have written them.
const (
	storedTime  = 5 * time.Second
	storedSteps = 1_000_000
)

// timed begins to watch the time where a profile is stored.
func (w *walker) timed(e *entry) {
	if e.source == nil {
		w.facts.Steps = 0
		return
	}
	w.facts.Steps = storedSteps
	if w.begun.IsZero() {
		w.begun = time.Now()
	}
}

// over reports whether stored profiles take too long.
func (w *walker) over() bool {
	if !w.late && !w.begun.IsZero() && time.Since(w.begun) > storedTime {
		w.late = true
	}
	return w.late
}

// report adds an error about the element the walker is at.
func (w *walker) report(code fhir.IssueType, rule fhir.Detail, format string, args ...any) {
	if w.mild > 0 && w.quiet == 0 {
		w.warn(code, rule, format, args...)
		return
	}
	w.failed = true
	if w.quiet > 0 {
		return
	}
	w.add(fhir.Issue{Severity: fhir.SeverityError, Code: code, Detail: rule, Diagnostics: fmt.Sprintf(format, args...)})
}

// warn adds a warning about the element the walker is at.
func (w *walker) warn(code fhir.IssueType, rule fhir.Detail, format string, args ...any) {
	if w.quiet > 0 {
		return
	}
	w.add(fhir.Issue{Severity: fhir.SeverityWarning, Code: code, Detail: rule, Diagnostics: fmt.Sprintf(format, args...)})
}

// add tells a finding once: a slice may repeat a rule of its element.
func (w *walker) add(issue fhir.Issue) {
	if issue.Severity == fhir.SeverityError {
		w.failed = true
	}
	if w.quiet > 0 {
		return
	}
	if w.told >= issuesMax {
		w.told++
		return
	}
	issue.Expression = w.where()
	for i := len(w.issues) - 1; i >= 0 && i >= len(w.issues)-repeatsMax; i-- {
		if w.issues[i] == issue {
			return
		}
	}
	w.told++
	w.issues = append(w.issues, issue)
}

// repeatsMax is how many of the latest findings are compared with a new one.
const repeatsMax = 64
