package terminology

import (
	"bima/fhir"
	"bima/fhir/terminology/codes"
)

// subsumesTakes are the parameters of $subsumes. Source: R4
// codesystem-operation-subsumes.
var subsumesTakes = []string{"codeA", "codeB", "system", "version", "codingA", "codingB"}

// subsumes is CodeSystem/$subsumes.
func subsumes(c *call) (*fhir.Response, error) {
	a, err := c.sideOf("codeA", "codingA")
	if err != nil {
		return nil, err
	}
	b, err := c.sideOf("codeB", "codingB")
	if err != nil {
		return nil, err
	}
	var sys *codes.System
	if c.subject != nil {
		sys = c.subject.system
	} else {
		if a.system == "" || a.system != b.system {
			return nil, fhir.Errorf(fhir.IssueInvalid, "Parameters.parameter", "$subsumes compares two codes of one code system, which must be named by system or in both codings; got %.200q and %.200q", a.system, b.system)
		}
		if sys, err = c.codeSystem(canonical{a.system, a.version}); err != nil {
			return nil, err
		}
	}
	x, okA := sys.Find(a.code)
	y, okB := sys.Find(b.code)
	if !okA || !okB {
		lacking := a.code
		if okA {
			lacking = b.code
		}
		return nil, fhir.Errorf(fhir.IssueNotFound, "Parameters.parameter", "%q is no code of the code system %s", lacking, sys.Canonical())
	}
	return answer([]parameter{codeOf("outcome", relation(x, y))})
}

// sideOf gives one of the two codes.
func (c *call) sideOf(code, coding string) (coded, error) {
	plain, isCode := c.find(code)
	full, isCoding := c.find(coding)
	if isCode == isCoding {
		return coded{}, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "$subsumes needs one of %s and %s", code, coding)
	}
	if isCoding {
		return readCoding(full.value).coded, nil
	}
	system := parseCanonical(c.text("system"))
	if v := c.text("version"); v != "" {
		system.version = v
	}
	return coded{system.url, system.version, plain.value.Text()}, nil
}

// relation tells how one concept stands to another. Source: R4
// valueset-concept-subsumption-outcome.
func relation(a, b codes.Concept) string {
	switch {
	case a == b:
		return "equivalent"
	case b.Under(a):
		return "subsumes"
	case a.Under(b):
		return "subsumed-by"
	}
	return "not-subsumed"
}
