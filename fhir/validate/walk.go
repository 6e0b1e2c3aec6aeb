package validate

import (
	"fmt"
	"strconv"

	"bima/fhir"
	"bima/fhir/path"
)

// A walker is one validation. It keeps where it is as a stack and writes a path
// only when it has something to say.
type walker struct {
	options Options
	issues  []fhir.Issue
	told    struct{ errors, warnings int } // how many there are, told or not
	stack   []frame
	holder  holder       // the resource we are in
	content []content    // the contained resources of it and of those around it
	open    []string     // the elements of a narrative that are open
	facts   path.Context // what invariants know of the resource
}

// A frame is one step of a path: an element, and which of its repetitions.
type frame struct {
	name  string
	index int // single for an element that does not repeat
}

// single is the index of a frame without one.
const single = -1

func (w *walker) push(name string, index int) {
	w.stack = append(w.stack, frame{name, index})
}

func (w *walker) pop() { w.stack = w.stack[:len(w.stack)-1] }

// where gives where the walker is as FHIRPath: "Claim.item[0].net".
func (w *walker) where() string {
	var b []byte
	for i, f := range w.stack {
		b = f.append(b, i > 0)
	}
	return string(b)
}

func (f frame) append(b []byte, dot bool) []byte {
	if dot {
		b = append(b, '.')
	}
	b = append(b, f.name...)
	if f.index != single {
		b = append(b, '[')
		b = strconv.AppendInt(b, int64(f.index), 10)
		b = append(b, ']')
	}
	return b
}

// report adds an error about the element the walker is at.
func (w *walker) report(code fhir.IssueType, detail fhir.Detail, format string, args ...any) {
	w.add(fhir.Issue{Severity: fhir.SeverityError, Code: code, Detail: detail}, format, args)
}

// warn adds a warning about the element the walker is at.
func (w *walker) warn(code fhir.IssueType, detail fhir.Detail, format string, args ...any) {
	w.add(fhir.Issue{Severity: fhir.SeverityWarning, Code: code, Detail: detail}, format, args)
}

// full reports whether no more errors are told, and counts one more: nobody need
// look for the way out of an error that is not told.
func (w *walker) full() bool {
	if w.told.errors < IssuesMax {
		return false
	}
	w.told.errors++
	return true
}

// reportChild adds an error about a member of the element the walker is at.
func (w *walker) reportChild(name string, code fhir.IssueType, detail fhir.Detail, format string, args ...any) {
	w.push(name, single)
	w.add(fhir.Issue{Severity: fhir.SeverityError, Code: code, Detail: detail}, format, args)
	w.pop()
}

func (w *walker) add(issue fhir.Issue, format string, args []any) {
	told := &w.told.warnings
	if issue.Severity == fhir.SeverityError {
		told = &w.told.errors
	}
	if *told++; *told > IssuesMax {
		return
	}
	issue.Expression = w.where()
	issue.Diagnostics = fmt.Sprintf(format, args...)
	w.issues = append(w.issues, issue)
}

// rest says how many findings were not told; nil where all were.
func (w *walker) rest() []fhir.Issue {
	errors, warnings := max(w.told.errors-IssuesMax, 0), max(w.told.warnings-IssuesMax, 0)
	if errors+warnings == 0 {
		return nil
	}
	issue := fhir.Issue{Severity: fhir.SeverityInformation, Code: fhir.IssueTooCostly}
	if errors > 0 {
		issue.Severity = fhir.SeverityError
	}
	issue.Diagnostics = fmt.Sprintf("%d more errors and %d more warnings are not told: correct these first and validate again", errors, warnings)
	return []fhir.Issue{issue}
}
