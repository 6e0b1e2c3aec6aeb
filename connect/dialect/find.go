package dialect

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bima/connect"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A Finder finds what the references of one request mean, asking [base] in the
// name of its caller. What was found is remembered: it is for one goroutine and
// one request.
type Finder struct {
	Gate    *connect.Gate
	Request *http.Request

	found  map[string]fhir.Key
	failed *connect.Answer
}

// Failed gives the answer by which [base] failed to look something up, or refused to,
// as to a token without the scope; nil where it could: what was not found then may be there, and must not be decided without.
func (f *Finder) Failed() *connect.Answer { return f.failed }

// ask asks [base], and remembers that it failed to answer.
func (f *Finder) ask(path string) *connect.Answer {
	answer := f.Gate.Ask(f.Request, connect.Question{Path: path})
	switch answer.Status {
	case http.StatusForbidden, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		f.failed = answer
	}
	return answer
}

// searches bounds how much one request may have looked up.
const searches = 300

// A Name is a business identifier. One without a system is of any.
type Name struct{ System, Value string }

// Find gives the one resource of a type that the names mean: by the first that a
// single resource bears, of the systems that the scheme prefers where several do.
// It is false where none or several are meant.
func (f *Finder) Find(typ string, prefer []string, names ...Name) (fhir.Key, bool) {
	for _, name := range names {
		if name.Value == "" || len(name.Value) > 200 {
			continue
		}
		asked := typ + "|" + name.System + "|" + name.Value
		key, known := f.found[asked]
		if !known && len(f.found) < searches {
			key = f.search(typ, prefer, name)
			f.remember(asked, key)
		}
		if !key.IsZero() {
			return key, true
		}
	}
	return fhir.Key{}, false
}

func (f *Finder) remember(asked string, key fhir.Key) {
	if f.found == nil {
		f.found = map[string]fhir.Key{}
	}
	f.found[asked] = key
}

// search asks who bears a value, in whatever system, and takes the one that bears
// it in the system of the name, or in the first of those preferred, or the only
// one. A system of the scheme's own is what it says: the national number of one is
// not the insurance number of another.
func (f *Finder) search(typ string, prefer []string, name Name) fhir.Key {
	answer := f.ask(typ + "?identifier=" + url.QueryEscape(Escape(name.Value)) + "&_elements=identifier&_count=20")
	if !answer.OK() {
		return fhir.Key{}
	}
	var bearers []fhir.Node
	for e := range answer.Node().Get("entry").Each() {
		if r := e.Get("resource"); r.Get("resourceType").Text() == typ {
			bearers = append(bearers, r)
		}
	}
	own := strings.HasPrefix(name.System, profiles.Canonical+"/")
	if own {
		prefer = nil
	}
	for _, system := range slices.Concat([]string{name.System}, prefer) {
		var key fhir.Key
		several := false
		for _, r := range bearers {
			if system != "" && bears(r, system, name.Value) {
				several = several || !key.IsZero()
				key = fhir.Key{Type: typ, ID: r.Get("id").Text()}
			}
		}
		if !key.IsZero() && !several {
			return key
		}
	}
	if len(bearers) == 1 && !own {
		return fhir.Key{Type: typ, ID: bearers[0].Get("id").Text()}
	}
	return fhir.Key{}
}

func bears(r fhir.Node, system, value string) bool {
	for i := range r.Get("identifier").Each() {
		if i.Get("system").Text() == system && i.Get("value").Text() == value {
			return true
		}
	}
	return false
}

// Exists reports whether there is a resource of an id.
func (f *Finder) Exists(k fhir.Key) bool {
	if !fhir.ValidID(k.ID) || !r4.IsResource(k.Type) {
		return false
	}
	asked := "id|" + k.String()
	found, known := f.found[asked]
	if !known && len(f.found) < searches {
		if f.ask(k.String() + "?_elements=id").OK() {
			found = k
		}
		f.remember(asked, found)
	}
	return !found.IsZero()
}

// Escape writes a value as the parameters of searches have it. Source: R4
// search#escaping.
func Escape(value string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `$`, `\$`, `|`, `\|`).Replace(value)
}

// Target reads a literal reference: relative, or absolute on whichever server.
func Target(reference string) fhir.Key {
	parts := strings.Split(strings.TrimSuffix(reference, "/"), "/")
	for i := len(parts) - 2; i >= 0; i-- {
		if r4.IsResource(parts[i]) && parts[i+1] != "" {
			return fhir.Key{Type: parts[i], ID: parts[i+1]}
		}
	}
	return fhir.Key{}
}
