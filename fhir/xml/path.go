package xml

import (
	"fmt"
	"strconv"

	"bima/fhir"
)

// A path is where in a resource we are. It becomes text only when there is
// something to say.
type path []frame

// A frame is one step of a path: an element, and which of its repetitions.
type frame struct {
	name  string
	index int // single for an element that does not repeat
}

// single is the index of a frame without one.
const single = -1

func (p *path) push(name string, index int) { *p = append(*p, frame{name, index}) }

func (p *path) pop() { *p = (*p)[:len(*p)-1] }

// String gives the path as FHIRPath: "Claim.item[0].net".
func (p path) String() string {
	var b []byte
	for i, f := range p {
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

// issuesMax is how many findings about one text are told.
const issuesMax = 100

// report adds a finding about the element the reader is at.
func (r *reader) report(code fhir.IssueType, format string, args ...any) {
	if len(r.issues) >= issuesMax {
		return
	}
	r.issues = append(r.issues, fhir.Issue{
		Severity: fhir.SeverityError, Code: code,
		Expression: r.path.String(), Diagnostics: fmt.Sprintf(format, args...),
	})
}

// reportChild adds a finding about an element inside of the one the reader is at.
func (r *reader) reportChild(name, format string, args ...any) {
	r.path.push(name, single)
	r.report(fhir.IssueStructure, format, args...)
	r.path.pop()
}
