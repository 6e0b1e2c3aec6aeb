package kenyaemr

import (
	"net/http"
	"net/url"

	"bima/connect"
	"bima/connect/dialect"
	"bima/profiles"
)

// service names the service by the scheme's register, too: by what a ConceptMap of
// the scheme says of the exchange's code, or else by the same code.
func (m *message) service(item dialect.Object) {
	concept := dialect.Child(item, "productOrService")
	code := dialect.Code(concept, "")
	if code == "" || dialect.Code(concept, profiles.SystemService) != "" {
		return
	}
	ours := code
	for _, coding := range dialect.Each(concept, "coding") {
		system, theirs := dialect.Text(coding, "system"), dialect.Text(coding, "code")
		if system == "" || theirs == "" || m.failed != nil {
			continue
		}
		found, failed := m.translate(system, theirs)
		if m.failed = failed; found != "" {
			ours = found
			m.filled = append(m.filled, m.kind+".item.productOrService "+theirs+" = "+found)
			break
		}
	}
	list, _ := concept["coding"].([]any)
	concept["coding"] = append(list, dialect.Object{"system": profiles.SystemService, "code": ours})
}

// unknown gives the answer by which [base] left it open who or what is meant; nil
// where all is known.
func (m *message) unknown() *connect.Answer {
	if failed := m.finder.Failed(); failed != nil {
		return failed
	}
	return m.failed
}

// A term is a code of a system.
type term struct{ system, code string }

// translator gives what translates codes of the exchange to those of the scheme's
// register, as the stored ConceptMaps in force say. It asks once whether there are
// any from a system, and once for each code.
func (f *front) translator(r *http.Request) func(system, code string) (string, *connect.Answer) {
	mapped, known := map[string]bool{}, map[term]string{}
	return func(system, code string) (string, *connect.Answer) {
		maps, asked := mapped[system]
		if !asked {
			a := f.gate.Ask(r, connect.Question{Path: "ConceptMap?status=active&source-system=" + url.QueryEscape(dialect.Escape(system)) + "&target-system=" + url.QueryEscape(profiles.SystemService) + "&_count=1&_elements=id"})
			if !a.OK() {
				return "", a
			}
			maps = a.Node().Get("entry").Exists()
			mapped[system] = maps
		}
		one := term{system, code}
		if found, asked := known[one]; asked || !maps {
			return found, nil
		}
		query := url.Values{"system": {system}, "code": {code}, "targetsystem": {profiles.SystemService}}
		a := f.gate.Ask(r, connect.Question{Path: "ConceptMap/$translate?" + query.Encode()})
		if !a.OK() {
			return "", a
		}
		known[one] = match(a)
		return known[one], nil
	}
}

// match gives the code of the register that a translation found.
func match(a *connect.Answer) string {
	for p := range a.Node().Get("parameter").Each() {
		if p.Get("name").Text() != "match" {
			continue
		}
		var code, equivalence string
		for part := range p.Get("part").Each() {
			switch part.Get("name").Text() {
			case "concept":
				if c := part.Get("valueCoding"); c.Get("system").Text() == profiles.SystemService {
					code = c.Get("code").Text()
				}
			case "equivalence":
				equivalence = part.Get("valueCode").Text()
			}
		}
		if code != "" && equivalence != "unmatched" && equivalence != "disjoint" {
			return code
		}
	}
	return ""
}
