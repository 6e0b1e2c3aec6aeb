package dhis2

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"bima/connect/dhis2/object"
	"bima/fhir"
	"bima/profiles"
	"bima/profiles/indicator"
)

// A catalogue is what DHIS2 must know to understand our numbers: as it was at one
// time, and with a prefix before the codes of the package. It is immutable.
type catalogue struct {
	pack    *indicator.Package
	prefix  string
	changed string // when a place, facility or product last did
	units   []*unit
	byKey   map[string]*unit
	byID    map[string]*unit            // units by UID and code
	byUID   map[string]object.Object    // objects by UID
	lists   map[string][]object.Object  // objects by their plural
	looked  map[string][]object.Object  // the same with what DHIS2 shows of them besides
	find    map[string]map[string]thing // of dataElements, dataSets and categoryOptionCombos, by UID and code
	text    func() ([]byte, error)      // the package as DHIS2 imports it, written once
}

// A thing is an object by its two names and ours.
type thing struct{ uid, code, ours string }

// A library reads catalogues, and reads them again only when a place, a facility or
// a product has changed, not for another prefix, which anybody may ask for. It is
// safe for concurrent use.
type library struct {
	ages []int

	mu    sync.Mutex
	stamp string
	plain *catalogue            // of it only the places are written
	kept  map[string]*catalogue // by prefix
}

// sources are what a catalogue is made from.
var sources = []string{"Location", "Organization", "InsurancePlan"}

// keptMost bounds the prefixes that catalogues are kept of.
const keptMost = 8

// read gives the catalogue with a prefix. ctx needs a caller who may read all
// places, facilities and products.
func (l *library) read(ctx context.Context, server fhir.Server, prefix string) (c *catalogue, err error) {
	err = server.View(ctx, func(r fhir.Reader) error {
		c, err = l.from(r, prefix)
		return err
	})
	return c, err
}

// from gives the catalogue with a prefix from one state.
func (l *library) from(r fhir.Reader, prefix string) (*catalogue, error) {
	stamp, changed, err := stampOf(r)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stamp != stamp || l.plain == nil {
		plain, err := l.compile(r)
		if err != nil {
			return nil, err
		}
		plain.changed = unzoned(changed)
		l.stamp, l.plain, l.kept = stamp, plain, map[string]*catalogue{}
	}
	if c := l.kept[prefix]; c != nil {
		return c, nil
	}
	if len(l.kept) >= keptMost {
		clear(l.kept)
	}
	l.kept[prefix] = l.plain.with(prefix)
	return l.kept[prefix], nil
}

// stampOf tells one state of the sources from another, by the last version of each,
// and when the last of them was.
func stampOf(r fhir.Reader) (stamp string, changed time.Time, err error) {
	for _, typ := range sources {
		page, err := r.History(&fhir.HistoryQuery{Type: typ, Limit: 1})
		if err != nil {
			return "", changed, err
		}
		for _, v := range page.Resources {
			stamp += fmt.Sprintf("%s/%d %d ", v.Key, v.Version, v.Updated.UnixMicro())
			if v.Updated.After(changed) {
				changed = v.Updated
			}
		}
	}
	return stamp, changed, nil
}

// unzoned writes when an object was changed, as DHIS2 does: without a zone.
func unzoned(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000") }

// compile makes a catalogue of which only the places are written, which have no
// prefix and may be many.
func (l *library) compile(r fhir.Reader) (*catalogue, error) {
	found := map[string][]fhir.Node{}
	for _, typ := range sources {
		var err error
		if found[typ], err = every(r, typ); err != nil {
			return nil, err
		}
	}
	var plans []indicator.Plan
	for _, n := range found["InsurancePlan"] {
		plans = append(plans, indicator.Plan{
			ID: n.Get("id").Text(), Product: n.Identifier(profiles.IdentifierProduct), Name: n.Get("name").Text(),
			Status: n.Get("status").Text(), Start: n.At("period", "start").Text(),
		})
	}
	pack, err := indicator.New(indicator.Options{Ages: l.ages, Products: indicator.Products(plans)})
	if err != nil {
		return nil, err
	}
	c := &catalogue{
		pack: pack, units: units(found["Location"], found["Organization"]),
		byKey: map[string]*unit{}, byID: map[string]*unit{}, lists: map[string][]object.Object{},
	}
	for _, u := range c.units {
		c.byKey[u.key], c.byID[u.uid], c.byID[u.code] = u, u, u
		c.writeUnit(u)
	}
	return c, nil
}

// with writes the catalogue with a prefix.
func (c *catalogue) with(prefix string) *catalogue {
	w := *c
	w.prefix, w.byUID, w.lists, w.find = prefix, map[string]object.Object{}, maps.Clone(c.lists), map[string]map[string]thing{}
	w.write()
	w.text = sync.OnceValues(func() ([]byte, error) { return json.Marshal(w.file()) })
	return &w
}

// pageSize is how many resources are read at once.
const pageSize = 1000

// every reads all resources of a type.
func every(r fhir.Reader, typ string) ([]fhir.Node, error) {
	var all []fhir.Node
	q := &fhir.Query{Types: []string{typ}, Limit: pageSize}
	for {
		page, err := r.Search(q)
		if err != nil {
			return nil, err
		}
		for _, resource := range page.Resources {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return nil, err
			}
			all = append(all, doc.Root())
		}
		if q.After = page.Next; q.After == "" {
			return all, nil
		}
	}
}

// uid and code give the names of one of our objects.
func (c *catalogue) uid(kind indicator.Object, code string) string {
	if kind == indicator.ObjectCell && code == indicator.DefaultCombo {
		return defaultCell
	}
	return indicator.UID(kind, c.code(code))
}

func (c *catalogue) code(ours string) string {
	if ours == indicator.DefaultCombo {
		return ours
	}
	return c.prefix + ours
}

// named finds an object of ours by UID or code; ours is the code without prefix.
func (c *catalogue) named(plural, id string) (thing, bool) {
	t, ok := c.find[plural][id]
	return t, ok
}
