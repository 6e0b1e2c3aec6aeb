package enclosure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
)

// registered are the types of whom and what a register knows: one of these that comes
// along is named by its identifier, all others are contained.
var registered = []string{
	"Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService",
	"Coverage", "Group", "Device", "Contract", "InsurancePlan",
}

// A Packed is a resource of a Bundle by itself, with what it refers to.
type Packed struct {
	Resource fhir.Node
	// Entries are those of the Bundle that are contained in it now, in the order of the
	// resources that were added at the end of contained, of which Before were there.
	Entries []int
	Before  int
	focus   int    // the entry of the Resource
	files   []file // whose data stands in an Attachment now
}

// A file is an entry whose data stands somewhere else in what was packed.
type file struct {
	at    string // of the Attachment, such as "Claim.supportingInfo[0].value"
	entry int
}

// Pack gives a resource of a Bundle, its entry at, by itself. What it refers to among
// the other entries is named by its identifier where a register knows its like, as
// Named does, and contained in it else; the data of a Binary that an Attachment names
// by its url stands in that Attachment. It fails, naming the entries, where others came
// along to which nothing leads from the resource, since they would be lost, and where
// one can't be contained.
func Pack(bundle fhir.Node, at int, base string) (*Packed, error) {
	p := newPacker(bundle, at, base)
	focus := p.resource(at)
	doc, err := p.rewritten(focus, focus.Get("resourceType").Text())
	if err != nil {
		return nil, err
	}
	var contained [][]byte
	for i := 0; i < len(p.packed); i++ {
		body, err := p.contain(i)
		if err != nil {
			return nil, err
		}
		contained = append(contained, body)
	}
	for len(p.led) > 0 {
		i := p.led[0]
		p.led = p.led[1:]
		p.walk(nil, p.resource(i), "")
	}
	if err := p.left(); err != nil {
		return nil, err
	}
	if doc, err = within(doc, contained); err != nil {
		return nil, err
	}
	return &Packed{Resource: doc.Root(), Entries: p.packed, Before: p.before, focus: at, files: p.files}, nil
}

// At gives where in the Bundle something stood that is at expression in the Resource;
// the expression where that is about no element of it.
func (p *Packed) At(expression string) string {
	for _, f := range p.files {
		if rest, ok := strings.CutPrefix(expression, f.at); ok && (rest == "" || rest == ".data" || rest == ".contentType") {
			return fmt.Sprintf("Bundle.entry[%d].resource%s", f.entry, rest)
		}
	}
	own, ok := strings.CutPrefix(expression, p.Resource.Get("resourceType").Text())
	if !ok || own != "" && own[0] != '.' {
		return expression
	}
	rest, contained := strings.CutPrefix(own, ".contained[")
	number, rest, closed := strings.Cut(rest, "]")
	i, err := strconv.Atoi(number)
	if !contained || !closed || err != nil || i < p.Before || i-p.Before >= len(p.Entries) {
		return fmt.Sprintf("Bundle.entry[%d].resource%s", p.focus, own)
	}
	return fmt.Sprintf("Bundle.entry[%d].resource%s", p.Entries[i-p.Before], rest)
}

// A packer is one run of Pack.
type packer struct {
	base    string
	focus   int
	entries []fhir.Node
	urls    map[string]int    // the first entry of a fullUrl
	ids     map[string]int    // … of a type and id
	bearers map[[2]string]int // … of the system and value of an identifier
	taken   map[string]bool   // ids of what is contained
	number  int               // of the last of these that was made here
	packed  []int             // entries to be contained, in the order in which they are referred to, members by their names
	id      map[int]string    // of these, as contained resources
	reached map[int]bool      // entries to which something leads
	led     []int             // of these, those whose own references are still to be looked at
	files   []file            // whose data was put into an Attachment
	before  int               // how many resources the focus contained
	copied  int               // bytes that were put in the place of a reference
	failed  error
}

// copiedMax bounds what is put in the place of references: one long file or
// identifier that many of them mean would otherwise make a claim of any length. Each
// has room once, and so much more.
const copiedMax = 1 << 20

func newPacker(bundle fhir.Node, at int, base string) *packer {
	p := &packer{
		base: base, focus: at, id: map[int]string{}, reached: map[int]bool{at: true}, taken: map[string]bool{},
		urls: map[string]int{}, ids: map[string]int{}, bearers: map[[2]string]int{},
		copied: -len(bundle.Raw()),
	}
	for e := range bundle.Get("entry").Each() {
		i, r := len(p.entries), e.Get("resource")
		p.entries = append(p.entries, e)
		first(p.urls, e.Get("fullUrl").Text(), i)
		if id := r.Get("id").Text(); id != "" {
			first(p.ids, r.Get("resourceType").Text()+"/"+id, i)
		}
		for own := range r.Get("identifier").Each() {
			first(p.bearers, [2]string{own.Get("system").Text(), own.Get("value").Text()}, i)
		}
	}
	for c := range p.resource(at).Get("contained").Each() {
		p.taken[c.Get("id").Text()] = true
		p.before++
	}
	return p
}

func first[K comparable, V any](m map[K]V, k K, v V) {
	if _, there := m[k]; !there {
		m[k] = v
	}
}

func tooMuch() error {
	return fhir.Errorf(fhir.IssueTooLong, "Bundle", "what several references mean is too long to be kept with each of them; name a file, or an identifier so long, once")
}

// room reports whether so many bytes more can be copied.
func (p *packer) room(n int) bool {
	if p.copied += n; p.copied > copiedMax && p.failed == nil {
		p.failed = tooMuch()
	}
	return p.failed == nil
}

func (p *packer) resource(i int) fhir.Node { return p.entries[i].Get("resource") }

// find gives the entry that a reference means, -1 for none: by its fullUrl, or else by
// its type and id.
func (p *packer) find(reference string) int {
	if reference == "" || strings.HasPrefix(reference, "#") {
		return -1
	}
	if i, ok := p.urls[reference]; ok {
		return i
	}
	if i, ok := p.ids[reference]; ok {
		return i
	}
	return -1
}

// bearer gives the entry that bears an identifier, -1 for none.
func (p *packer) bearer(identifier fhir.Node) int {
	system, value := identifier.Get("system").Text(), identifier.Get("value").Text()
	if value == "" {
		return -1
	}
	if i, ok := p.bearers[[2]string{system, value}]; ok {
		return i
	}
	return -1
}

// rewritten gives a resource of the Bundle with its references changed; at is where it
// will stand.
func (p *packer) rewritten(n fhir.Node, at string) (*fhir.Document, error) {
	doc, err := fhir.Parse(n.Raw())
	if err != nil {
		return nil, err
	}
	edit := fhir.NewEdit(doc)
	p.walk(edit, doc.Root(), at)
	if p.failed != nil {
		return nil, p.failed
	}
	return fhir.Parse(edit.Bytes())
}

// walk goes through what refers to something below a node, which will stand at a place.
// Without an edit it only notes what is reached.
func (p *packer) walk(edit *fhir.Edit, n fhir.Node, at string) {
	if n.Kind() == fhir.KindObject {
		if i := p.find(n.Get("reference").Text()); i >= 0 {
			p.refer(edit, n, i)
			return
		}
		if i := p.bearer(n.Get("identifier")); i >= 0 && !n.Get("reference").Exists() && !n.Get("resourceType").Exists() {
			p.refer(edit, n, i)
			return
		}
		if i := p.find(n.Get("url").Text()); i >= 0 && p.resource(i).Get("resourceType").Text() == "Binary" {
			if edit != nil {
				p.files = append(p.files, file{at, i})
			}
			p.attach(edit, n, i)
			return
		}
	}
	children := slices.Collect(n.All())
	if n.Kind() == fhir.KindObject {
		// The order of members means nothing, and must not in the ids that are given.
		slices.SortStableFunc(children, func(a, b fhir.Node) int { return strings.Compare(a.Name(), b.Name()) })
	}
	for i, child := range children {
		switch {
		case edit == nil:
			p.walk(nil, child, "")
		case n.Kind() == fhir.KindArray:
			p.walk(edit, child, fmt.Sprintf("%s[%d]", at, i))
		default:
			p.walk(edit, child, at+"."+strings.TrimSuffix(child.Name(), "Attachment"))
		}
	}
}

// reach notes that something leads to an entry, whose references lead on.
func (p *packer) reach(i int) {
	if !p.reached[i] {
		p.reached[i] = true
		p.led = append(p.led, i)
	}
}

// refer changes a Reference to an entry.
func (p *packer) refer(edit *fhir.Edit, n fhir.Node, i int) {
	meant := p.resource(i)
	typ, reference := meant.Get("resourceType").Text(), n.Get("reference")
	switch {
	case i == p.focus:
		if edit != nil && reference.Exists() {
			edit.Replace(reference, []byte(`"#"`))
		}
	case ours(p.entries[i].Get("fullUrl").Text(), p.base):
		p.reach(i)
	case slices.Contains(registered, typ):
		p.reach(i)
		by := Name(meant)
		if edit == nil || !by.Exists() || !reference.Exists() || !p.room(len(by.Raw())) {
			return
		}
		body, err := json.Marshal(logical{Type: typ, Identifier: by.Raw(), Display: n.Get("display").Text()})
		if err != nil {
			panic("what was parsed as JSON is JSON: " + err.Error())
		}
		edit.Replace(n, body)
	case edit == nil:
		// It is of a register's entry, which is named and not kept.
		p.reach(i)
	default:
		p.reached[i] = true
		if p.id[i] == "" {
			p.id[i] = p.free()
			p.packed = append(p.packed, i)
		}
		edit.Set(n, "reference", fmt.Appendf(nil, "%q", "#"+p.id[i]))
	}
}

// free gives an id that nothing contained has.
func (p *packer) free() string {
	for {
		p.number++
		if id := fmt.Sprintf("enclosed-%d", p.number); !p.taken[id] {
			return id
		}
	}
}

// attach puts the data of a Binary into the Attachment that names it.
func (p *packer) attach(edit *fhir.Edit, n fhir.Node, i int) {
	p.reached[i] = true
	if edit == nil || ours(p.entries[i].Get("fullUrl").Text(), p.base) {
		return
	}
	file := p.resource(i)
	at := fmt.Sprintf("Bundle.entry[%d].resource", i)
	kind := file.Get("contentType")
	switch own := n.Get("contentType"); {
	case !file.Get("data").Exists():
		p.failed = fhir.Errorf(fhir.IssueRequired, at+".data", "the file that an attachment names holds nothing")
	case n.Get("data").Exists():
		p.failed = fhir.Errorf(fhir.IssueInvalid, at, "an attachment that has data of its own names this file besides; leave one of them out")
	case own.Exists() && !strings.EqualFold(own.Text(), kind.Text()):
		p.failed = fhir.Errorf(fhir.IssueInvalid, at+".contentType", "the file is of the type %.80q, and the attachment that names it says %.80q", kind.Text(), own.Text())
	}
	if !p.room(len(file.Get("data").Raw())) {
		return
	}
	members := [][]byte{}
	for m := range n.All() {
		if m.Name() != "url" {
			members = append(members, fmt.Appendf(nil, "%q:%s", m.Name(), m.Raw()))
		}
	}
	if !n.Get("contentType").Exists() && kind.Exists() {
		members = append(members, fmt.Appendf(nil, `"contentType":%s`, kind.Raw()))
	}
	members = append(members, fmt.Appendf(nil, `"data":%s`, file.Get("data").Raw()))
	edit.Replace(n, object(members))
}

// contain gives the nth entry of packed as a contained resource: under its new id, and of its meta with
// the profile alone, since R4 allows no version and no security label there.
func (p *packer) contain(nth int) ([]byte, error) {
	i := p.packed[nth]
	n := p.resource(i)
	if n.Get("contained").Exists() {
		return nil, fhir.Errorf(fhir.IssueInvalid, fmt.Sprintf("Bundle.entry[%d].resource.contained", i), "what comes along is contained itself, so it can contain nothing; make each resource an entry")
	}
	members := [][]byte{[]byte(fmt.Sprintf(`"id":%q`, p.id[i]))}
	for m := range n.All() {
		switch name := m.Name(); name {
		case "id":
		case "meta":
			if profile := m.Get("profile"); profile.Exists() {
				members = append(members, fmt.Appendf(nil, `"meta":{"profile":%s}`, profile.Raw()))
			}
		default:
			members = append(members, fmt.Appendf(nil, "%q:%s", name, m.Raw()))
		}
	}
	doc, err := fhir.Parse(object(members))
	if err == nil {
		doc, err = p.rewritten(doc.Root(), fmt.Sprintf("%s.contained[%d]", p.resource(p.focus).Get("resourceType").Text(), p.before+nth))
	}
	if err != nil {
		return nil, err
	}
	return doc.Bytes(), nil
}

func object(members [][]byte) []byte {
	return slices.Concat([]byte{'{'}, bytes.Join(members, []byte{','}), []byte{'}'})
}

// lostMax is how many entries to which nothing leads are told.
const lostMax = 20

// left refuses entries to which nothing leads.
func (p *packer) left() error {
	out := &fhir.Outcome{}
	for i := range p.entries {
		if !p.reached[i] && len(out.Issues) < lostMax {
			of := p.resource(p.focus).Get("resourceType").Text()
			out.Issues = append(out.Issues, fhir.OutcomeOf(fhir.Errorf(fhir.IssueInvalid, fmt.Sprintf("Bundle.entry[%d]", i),
				"the %s does not refer to this %.60s, so it would be lost; refer to it by its fullUrl, or leave it out", of, p.resource(i).Get("resourceType").Text())).Issues...)
		}
	}
	if out.Failed() {
		return out
	}
	return nil
}

// within adds contained resources.
func within(doc *fhir.Document, contained [][]byte) (*fhir.Document, error) {
	if len(contained) == 0 {
		return doc, nil
	}
	edit := fhir.NewEdit(doc)
	if list := doc.Root().Get("contained"); list.Exists() {
		for _, body := range contained {
			edit.Append(list, body)
		}
	} else {
		edit.Set(doc.Root(), "contained", slices.Concat([]byte{'['}, bytes.Join(contained, []byte{','}), []byte{']'}))
	}
	return fhir.Parse(edit.Bytes())
}
