package terminology

import (
	"cmp"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A canonical is a URL with a business version; version "" is any.
type canonical struct{ url, version string }

// parseCanonical parts url|version.
func parseCanonical(text string) canonical {
	url, version, _ := strings.Cut(text, "|")
	return canonical{url, version}
}

func (c canonical) String() string {
	if c.version == "" {
		return c.url
	}
	return c.url + "|" + c.version
}

// A place is where the built-in definitions of one canonical URL are.
type place struct{ typ, url string }

// A definition is a CodeSystem, ValueSet or ConceptMap that is built in.
type definition struct {
	typ, id, url, version string
	body                  string
	own                   bool // given to New, and so before R4's
}

// readDefinitions arranges the definitions given and those of R4 by their URLs.
// A definition that is no JSON is passed over: what it defines is unknown then.
func readDefinitions(given []profiles.Definition) map[place][]*definition {
	out := make(map[place][]*definition, len(r4.Definitions())+len(given))
	for _, d := range given {
		switch d.Type {
		case "CodeSystem", "ValueSet", "ConceptMap":
			doc, err := fhir.Parse(d.Body)
			if err != nil {
				continue
			}
			n := doc.Root()
			def := &definition{
				typ: d.Type, id: n.Get("id").Text(), url: n.Get("url").Text(), version: n.Get("version").Text(),
				body: string(d.Body), own: true,
			}
			doc.Release()
			at := place{d.Type, def.url}
			out[at] = append(out[at], def)
		}
	}
	for i := range r4.Definitions() {
		d := &r4.Definitions()[i]
		at := place{d.Type, d.URL}
		if here := out[at]; len(here) > 0 && here[0].own {
			continue
		}
		out[at] = append(out[at], &definition{typ: d.Type, id: d.ID, url: d.URL, version: d.Version, body: d.Body})
	}
	return out
}

// identity names what is made of a definition in the cache.
func (d *definition) identity() string { return d.typ + " " + d.id + " " + d.url + "|" + d.version }

// compareVersions orders business versions: numbers in them by their size, the
// rest by letters, so that 2.10 comes after 2.9.
func compareVersions(a, b string) int {
	for a != "" && b != "" {
		x, y := chunk(a), chunk(b)
		a, b = a[len(x):], b[len(y):]
		if isDigit(x[0]) && isDigit(y[0]) {
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

// chunk gives the digits or the other characters that a version begins with.
func chunk(s string) string {
	i := 1
	for i < len(s) && isDigit(s[i]) == isDigit(s[0]) {
		i++
	}
	return s[:i]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
