// Package integrity finds references that lead nowhere: from a resource that is
// written to one that is not there, and to a resource that is deleted from one
// that stays.
package integrity

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/bundle"
	"bima/fhir/r4"
)

const (
	// issuesMax bounds the findings of one transaction that are told.
	issuesMax = 20
	// referrersNamed is how many referrers a message names.
	referrersNamed = 5
	// referrersFirst and referrersMost are how many referrers are looked at: most
	// resources have few, and what is not of a guarded type does not count.
	referrersFirst, referrersMost = 100, 10_000
)

// RefersParam is the derived parameter under which the index keeps the references
// of guarded types that no search parameter of R4 leads to, so that a deletion
// finds them.
const RefersParam = "_refers"

// A Guard knows the types whose references must lead to something.
type Guard struct {
	base  string
	types []string
}

// New gives a Guard of the types; references below base are to our own resources.
func New(base string, types []string) *Guard { return &Guard{base: base, types: types} }

// Guards reports whether a type is one of those. A nil Guard guards none.
func (g *Guard) Guards(typ string) bool { return g != nil && slices.Contains(g.types, typ) }

// A Reference is one that must lead to a resource of this server.
type Reference struct {
	fhir.Key
	node fhir.Node // Reference.reference
	root fhir.Node
}

// path gives the path of the Reference.
func (r Reference) path() string {
	return strings.TrimSuffix(bundle.PathTo(r.root, r.node), ".reference")
}

// References gives the references of a resource to resources of this server, in
// any element. Contained, logical and foreign ones are none of them.
func (g *Guard) References(n fhir.Node) []Reference {
	f := finder{guard: g, root: n}
	f.object(n, r4.Lookup(n.Get("resourceType").Text()))
	return f.found
}

// A finder walks a resource.
type finder struct {
	guard *Guard
	root  fhir.Node
	found []Reference
}

func (f *finder) object(n fhir.Node, typ *r4.Type) {
	if typ == nil {
		return
	}
	for m := range n.All() {
		name := m.Name()
		if strings.HasPrefix(name, "_") {
			f.each(m, r4.Lookup("Element"))
			continue
		}
		if typ.Name == "Reference" && name == "reference" {
			f.reference(m)
		} else if _, et := typ.Member(name); et != nil && et.Type.Kind != r4.KindPrimitive {
			f.each(m, et.Type)
		}
	}
}

func (f *finder) each(n fhir.Node, typ *r4.Type) {
	for v := range n.Each() {
		if v.Kind() != fhir.KindObject {
			continue
		}
		if typ.Is("Resource") {
			f.object(v, r4.Lookup(v.Get("resourceType").Text()))
		} else {
			f.object(v, typ)
		}
	}
}

func (f *finder) reference(n fhir.Node) {
	ref := fhir.ParseReference(n.Text(), r4.IsResource)
	if ref.ID != "" && (ref.Base == "" || ref.Base == f.guard.base) {
		f.found = append(f.found, Reference{Key: ref.Key, node: n, root: f.root})
	}
}

// A Write is a resource of a guarded type as a transaction leaves it.
type Write struct {
	fhir.Key
	References []Reference
	Before     *fhir.Resource // the version before the transaction; nil where there was none
}

// locksMost is how many locks there are for what is referred to. A transaction may
// refer to thousands of resources, and a database keeps few locks; that some share
// one costs a wait now and then.
const locksMost = 256

// Lock names the lock under which a resource is referred to, shared with others who
// do, or deleted, alone: else each would look before the other has committed.
func Lock(k fhir.Key) string {
	h := fnv.New32a()
	h.Write([]byte(k.String()))
	return fmt.Sprintf("referred to %d", h.Sum32()%locksMost)
}

// A Violation is a finding about one of the resources of a transaction.
type Violation struct {
	fhir.Key
	Issue fhir.Issue
}

// Dangling gives the references of the writes that lead to nothing, reading all
// they lead to at once. There tells what is known of a key from the transaction
// itself. A reference that the version before had already is let be.
func (g *Guard) Dangling(r fhir.Reader, writes []Write, there func(fhir.Key) (exists, known bool)) ([]Violation, error) {
	missing, err := absent(r, writes, there)
	if err != nil || len(missing) == 0 {
		return nil, err
	}
	var found []Violation
	for _, w := range writes {
		var before []fhir.Key
		for _, ref := range w.References {
			if !missing[ref.Key] || len(found) == issuesMax {
				continue
			}
			if before == nil {
				before = g.keysOf(w.Before)
			}
			if !slices.Contains(before, ref.Key) {
				found = append(found, Violation{w.Key, dangling(ref)})
			}
		}
	}
	return found, nil
}

func dangling(ref Reference) fhir.Issue {
	return fhir.Issue{
		Severity: fhir.SeverityError, Code: fhir.IssueBusinessRule, Expression: ref.path(),
		Diagnostics: fmt.Sprintf("there is no %s here; store it first or in the same transaction, or refer to it by its identifier only", ref.Key),
	}
}

// absent gives those keys the writes refer to that are not there.
func absent(r fhir.Reader, writes []Write, there func(fhir.Key) (exists, known bool)) (map[fhir.Key]bool, error) {
	missing := make(map[fhir.Key]bool)
	var ask []fhir.Key
	for _, w := range writes {
		for _, ref := range w.References {
			if _, again := missing[ref.Key]; again {
				continue
			}
			exists, known := there(ref.Key)
			missing[ref.Key] = !exists
			if !known {
				ask = append(ask, ref.Key)
			}
		}
	}
	if len(ask) > 0 {
		found, err := r.ReadMany(ask)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			missing[f.Key] = false
		}
	}
	for k, absent := range missing {
		if !absent {
			delete(missing, k)
		}
	}
	return missing, nil
}

// keysOf gives what a stored version refers to; never nil.
func (g *Guard) keysOf(r *fhir.Resource) []fhir.Key {
	keys := []fhir.Key{}
	if r == nil {
		return keys
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return keys
	}
	defer doc.Release()
	for _, ref := range g.References(doc.Root()) {
		keys = append(keys, ref.Key)
	}
	return keys
}

// Orphaned gives those of the deleted resources to which resources of guarded
// types refer. A reader that can't find referrers finds none.
func (g *Guard) Orphaned(r fhir.Reader, deleted []fhir.Key) ([]Violation, error) {
	finder, ok := r.(fhir.Referrers)
	if !ok {
		return nil, nil
	}
	var found []Violation
	for _, k := range deleted {
		if len(found) == issuesMax {
			break
		}
		referrers, err := g.referrers(finder, k)
		if err != nil {
			return nil, err
		}
		if len(referrers) > 0 {
			found = append(found, Violation{k, orphaned(k, referrers)})
		}
	}
	return found, nil
}

func orphaned(k fhir.Key, referrers []string) fhir.Issue {
	more := ""
	if len(referrers) > referrersNamed {
		referrers, more = referrers[:referrersNamed], " and more"
	}
	return fhir.Issue{
		Severity: fhir.SeverityError, Code: fhir.IssueConflict,
		Diagnostics: fmt.Sprintf("%s can't be deleted while %s%s refer to it; change or delete those first, or in the same transaction", k, strings.Join(referrers, ", "), more),
	}
}

// referrers gives some of the resources of guarded types that refer to another,
// sorted.
func (g *Guard) referrers(r fhir.Referrers, k fhir.Key) ([]string, error) {
	for limit := referrersFirst; ; limit = referrersMost {
		keys, err := r.Referrers(k, limit)
		if err != nil {
			return nil, err
		}
		var guarded []string
		for _, other := range keys {
			if g.Guards(other.Type) && other != k {
				guarded = append(guarded, other.String())
			}
		}
		if len(guarded) > 0 || len(keys) < limit || limit == referrersMost {
			slices.Sort(guarded)
			return guarded, nil
		}
	}
}
