package validate

import (
	"fmt"
	"strconv"

	"bima/fhir"
)

// A walker is one validation. It keeps where it is as a stack and writes a path
// only when it has something to say.
type walker struct {
	options Options
	issues  []fhir.Issue
	untold  int // findings beyond issuesMax
	stack   []frame
	holder  holder   // the resource we are in
	anchors []string // the local references seen in it, where it contains resources
	open    []string // the elements of a narrative that are open
	facts   environment
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

// path gives where the walker is as FHIRPath: "Claim.item[0].net".
func (w *walker) path() string {
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

// reportChild adds an error about a member of the element the walker is at.
func (w *walker) reportChild(name string, code fhir.IssueType, detail fhir.Detail, format string, args ...any) {
	w.push(name, single)
	w.add(fhir.Issue{Severity: fhir.SeverityError, Code: code, Detail: detail}, format, args)
	w.pop()
}

func (w *walker) add(issue fhir.Issue, format string, args []any) {
	if len(w.issues) >= issuesMax {
		w.untold++
		return
	}
	issue.Expression = w.path()
	issue.Diagnostics = fmt.Sprintf(format, args...)
	w.issues = append(w.issues, issue)
}

func untold(n int) string {
	return fmt.Sprintf("%d more findings are not told: correct these %d first and validate again", n, issuesMax)
}
