package terminology

import (
	"fmt"
	"strings"

	"bima/fhir"
	"bima/fhir/terminology/codes"
)

// A scope answers the questions of one request by one state of the store. It
// belongs to one goroutine.
type scope struct {
	service *Service
	r       fhir.Reader        // nil: nothing stored is looked at
	inline  []*held            // what came with the request
	pins    map[string]pin     // by the URL of the code system
	found   map[question]*held // nil where there is none
	open    map[*valueSet]bool // those being looked at, so that circles end
	reads   []question         // in the order they were first asked
	visits  int                // members looked at
	lists   int                // value sets listed, each as often as others take it in
	told    map[asked]finding  // what was found out about codes
}

// An asked is the question whether a value set has a code, a finding its answer.
type (
	asked struct {
		set  *valueSet
		code coded
	}
	finding struct {
		member member
		has    bool
		doubt  error // that it can't be told here
	}
)

// toldMax bounds the verdicts a scope remembers.
const toldMax = 50_000

// A pin is a version of a code system that the request sets.
type pin struct {
	version string
	mode    pinMode
}

// A pinMode says how a pin stands to the version a value set names.
type pinMode uint8

// The modes of pins. Source: R4 valueset-operation-expand (system-version,
// check-system-version, force-system-version).
const (
	pinDefault pinMode = iota // holds where the value set names none
	pinCheck                  // the same, and no other may be named
	pinForce                  // holds in any case
)

// A question is what a scope was asked for.
type question struct {
	typ string
	canonical
}

func (s *Service) scope(r fhir.Reader) *scope {
	return &scope{service: s, r: r, found: map[question]*held{}, open: map[*valueSet]bool{}, told: map[asked]finding{}}
}

// bring takes in a resource that came with the request.
func (q *scope) bring(n fhir.Node) (*held, error) {
	h, _, err := compile(n, "")
	if err == nil {
		q.inline = append(q.inline, h)
	}
	return h, err
}

// resolve finds what a canonical means; nil where there is nothing.
func (q *scope) resolve(typ string, c canonical) (*held, error) {
	asked := question{typ, c}
	if h, ok := q.found[asked]; ok {
		return h, nil
	}
	h, err := q.search(typ, c)
	if err != nil {
		return nil, err
	}
	q.found[asked] = h
	q.reads = append(q.reads, asked)
	return h, nil
}

func (q *scope) search(typ string, c canonical) (*held, error) {
	var inline []*held
	for _, h := range q.inline {
		if h.typ == typ && h.url == c.url {
			inline = append(inline, h)
		}
	}
	if h := newest(inline, c.version); h != nil {
		return h, nil
	}
	stored, err := q.stored(typ, c.url)
	if err != nil {
		return nil, err
	}
	if h := newest(stored, c.version); h != nil {
		return h, nil
	}
	builtIn, err := q.defined(typ, c)
	return newest(builtIn, c.version), err
}

// candidatesMax bounds the stored resources of one URL that are looked at.
const candidatesMax = 100

// stored gives the stored resources of a canonical URL, or the one that "Type/id"
// is the address of.
func (q *scope) stored(typ, url string) ([]*held, error) {
	if url == "" {
		return nil, nil
	}
	if id, ok := strings.CutPrefix(url, typ+"/"); ok {
		return q.matching(typ, fhir.IDs{id})
	}
	return q.matching(typ, fhir.Match{
		Param: fhir.Param{Code: "url", Kind: fhir.ParamURI}, Value: fhir.URIValue{URI: url},
	})
}

// matching gives the stored resources that a criterion holds for. What is no
// longer in the cache is read.
func (q *scope) matching(typ string, where fhir.Criterion) ([]*held, error) {
	if q.r == nil {
		return nil, nil
	}
	query := &fhir.Query{Types: []string{typ}, Where: where, Limit: candidatesMax}
	heads, ok := q.r.(fhir.HeadReader)
	if !ok {
		return q.read(query)
	}
	found, err := heads.Heads(query)
	if err != nil {
		return nil, err
	}
	out := make([]*held, 0, len(found))
	for _, head := range found {
		h, err := q.service.compiled(fmt.Sprint(head.Key, "@", head.Stamp), func() ([]byte, error) {
			resource, err := q.r.Read(head.Key)
			if err != nil {
				return nil, err
			}
			return resource.Body, nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// read is matching for readers that can't tell versions from each other by more
// than their bodies: nothing is kept of what they give.
func (q *scope) read(query *fhir.Query) ([]*held, error) {
	page, err := q.r.Search(query)
	if err != nil {
		return nil, err
	}
	var out []*held
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		h, _, err := compile(doc.Root(), "")
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// defined gives the built-in definitions of a canonical; those of other versions
// are left out unread.
func (q *scope) defined(typ string, c canonical) ([]*held, error) {
	var out []*held
	for _, d := range q.service.builtIn()[place{typ, c.url}] {
		if c.version != "" && c.version != d.version {
			continue
		}
		h, err := q.service.compiled(d.identity(), func() ([]byte, error) { return []byte(d.body), nil })
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// systemOf finds the code system of a part, in the version that the request or
// the part sets. It gives nil where the system's codes are not held here, and
// fails with an Outcome of IssueNotFound where they are, but in other versions
// only; then a list of codes still stands for itself.
func (q *scope) systemOf(p *part, version string) (*codes.System, error) {
	if pin, ok := q.pins[p.system]; ok {
		if pin.mode == pinCheck && version != "" && version != pin.version {
			return nil, fhir.Errorf(fhir.IssueBusinessRule, "ValueSet.compose.include.version",
				"the value set names version %.60q of the code system %.200s, and check-system-version asks for %.60q", version, p.system, pin.version)
		}
		if version == "" || pin.mode == pinForce {
			version = pin.version
		}
	}
	h, err := q.resolve("CodeSystem", canonical{p.system, version})
	if err != nil {
		return nil, err
	}
	if h != nil && h.system.Listed() {
		return h.system, nil
	}
	if version == "" || p.listed != nil {
		return nil, nil
	}
	other, err := q.resolve("CodeSystem", canonical{url: p.system})
	if err == nil && other != nil && other.system.Listed() {
		err = q.missing("CodeSystem", "code system", canonical{p.system, version})
	}
	return nil, err
}
