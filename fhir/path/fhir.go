package path

import (
	"strings"

	"bima/fhir"
	"bima/fhir/path/narrative"
	"bima/fhir/r4"
)

// treeFunctions holds the functions of N1 section 5.8.
var treeFunctions = map[string]function{
	"children":    {0, 0, children},
	"descendants": {0, 0, descendants},
}

// fhirFunctions holds what R4 adds. Source: R4 fhirpath.html#functions.
var fhirFunctions = map[string]function{
	"extension":         {1, 1, extension},
	"hasExtension":      {1, 1, hasExtension},
	"hasValue":          {0, 0, hasValue},
	"getValue":          {0, 0, getValue},
	"resolve":           {0, 0, resolve},
	"memberOf":          {1, 1, memberOf},
	"conformsTo":        {1, 1, conformsTo},
	"htmlChecks":        {0, 0, htmlChecks},
	"elementDefinition": {0, 0, unsupported("elementDefinition")},
	"slice":             {2, 2, unsupported("slice")},
	"checkModifiers":    {0, 20, unsupported("checkModifiers")},
	"subsumes":          {1, 1, unsupported("subsumes")},
	"subsumedBy":        {1, 1, unsupported("subsumedBy")},
}

func unsupported(name string) apply {
	return func(*scope, []Item, []step, []Item) ([]Item, error) {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "%s() is not supported: it needs profiles or terminology that are not at hand here", name)
	}
}

func children(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	for i := range in {
		dst = appendChildren(dst, &in[i])
	}
	return dst, nil
}

func descendants(sc *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	for i := range in {
		next := len(dst)
		dst = appendChildren(dst, &in[i])
		for ; next < len(dst); next++ {
			if err := sc.ev.spend(1); err != nil {
				return dst, err
			}
			if err := sc.ev.within(len(dst)); err != nil {
				return dst, err
			}
			item := dst[next]
			dst = appendChildren(dst, &item)
		}
	}
	return dst, nil
}

// extension gives the extensions with a URL, of elements and of primitives.
func extension(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	url, ok, err := sc.str(args[0])
	if err != nil || !ok {
		return dst, err
	}
	t := r4.Lookup("Extension")
	for i := range in {
		object := in[i].node
		if in[i].kind != kindNode {
			continue
		}
		if in[i].primitive() {
			object = in[i].side
		}
		for e := range object.Get("extension").Each() {
			if e.Get("url").Text() == url {
				dst = append(dst, Item{kind: kindNode, node: e, typ: t})
			}
		}
	}
	return dst, nil
}

// hasExtension is in no list of functions, but R4's search parameter
// QuestionnaireResponse.item-subject calls it.
func hasExtension(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	found, err := extension(sc, in, args, nil)
	return append(dst, booleanItem(len(found) > 0)), err
}

func hasValue(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	return append(dst, booleanItem(len(in) == 1 && in[0].hasValue())), nil
}

func getValue(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	if len(in) == 1 && in[0].hasValue() {
		dst = append(dst, in[0].system())
	}
	return dst, nil
}

// resolve follows References and canonicals. Without a resolver it gives items
// that know only the type and id that the reference's text names.
func resolve(sc *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	for i := range in {
		text, isText := in[i].Str()
		named := ""
		if !isText {
			text = in[i].node.Get("reference").Text()
			named = in[i].node.Get("type").Text()
		}
		if text == "" && named == "" {
			continue
		}
		if item, ok := sc.target(&in[i], text, named); ok {
			dst = append(dst, item)
		}
	}
	return dst, nil
}

// target finds what a reference or canonical with a text leads to.
func (sc *scope) target(from *Item, text, named string) (Item, bool) {
	if id, ok := strings.CutPrefix(text, "#"); ok {
		return sc.contained(id)
	}
	if c := sc.ev.context; c != nil && c.Resolve != nil && text != "" {
		n, ok := c.Resolve(text)
		return Element(n, nil), ok
	}
	if n, ok := sc.entry(sc.ev.container(), text); ok {
		return Element(n, nil), true
	}
	r := fhir.ParseReference(text, r4.IsResource)
	if r.Type == "" {
		r.Type = named
	}
	t := r4.Lookup(r.Type)
	return Item{kind: kindReference, typ: t, node: from.node, value: from.value}, t != nil
}

// contained finds a contained resource by id; "" is the container itself.
func (sc *scope) contained(id string) (Item, bool) {
	for _, n := range [...]fhir.Node{sc.ev.resource(), sc.ev.container()} {
		if id == "" && n == sc.ev.container() {
			return Element(n, nil), true
		}
		for c := range n.Get("contained").Each() {
			sc.ev.work--
			if id != "" && c.Get("id").Text() == id {
				return Element(c, nil), true
			}
		}
	}
	return Item{}, false
}

// entry finds a resource in a Bundle by the full URL of its entry.
func (sc *scope) entry(bundle fhir.Node, text string) (fhir.Node, bool) {
	if text == "" || bundle.Get("resourceType").Text() != "Bundle" {
		return fhir.Node{}, false
	}
	for e := range bundle.Get("entry").Each() {
		sc.ev.work--
		full := e.Get("fullUrl").Text()
		if full == text || strings.HasSuffix(full, "/"+text) {
			r := e.Get("resource")
			return r, r.Exists()
		}
	}
	return fhir.Node{}, false
}

// memberOf asks whether a code, Coding or CodeableConcept is in a value set. It
// fails where the value set is not known.
func memberOf(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	item, ok, err := single(in)
	if err != nil || !ok {
		return dst, err
	}
	url, ok, err := sc.str(args[0])
	if err != nil || !ok {
		return dst, err
	}
	if code, ok := item.Str(); ok {
		member, err := sc.member(url, "", code)
		return append(dst, booleanItem(member)), err
	}
	codings := item.node.Get("coding")
	if item.typ != nil && item.typ.Is("Coding") {
		codings = item.node
	}
	found := false
	for c := range codings.Each() {
		member, err := sc.member(url, c.Get("system").Text(), c.Get("code").Text())
		if err != nil {
			return dst, err
		}
		found = found || member
	}
	return append(dst, booleanItem(found)), nil
}

func (sc *scope) member(url, system, code string) (bool, error) {
	if c := sc.ev.context; c != nil && c.MemberOf != nil {
		if member, known := c.MemberOf(url, system, code); known {
			return member, nil
		}
	}
	if member, known := r4.ValueSetHas(url, system, code); known {
		return member, nil
	}
	return false, fhir.Errorf(fhir.IssueNotSupported, "", "the value set %.100s is not known here", url)
}

// conformsTo asks whether an element conforms to a profile. R4's own types are
// known by name only; it fails for a profile that Context does not know.
func conformsTo(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	item, ok, err := single(in)
	if err != nil || !ok {
		return dst, err
	}
	url, ok, err := sc.str(args[0])
	if err != nil || !ok {
		return dst, err
	}
	if c := sc.ev.context; c != nil && c.ConformsTo != nil && item.kind == kindNode {
		if conforms, known := c.ConformsTo(item.node, url); known {
			return append(dst, booleanItem(conforms)), nil
		}
	}
	if t := r4.Lookup(strings.TrimPrefix(url, extensionBase)); t != nil && strings.HasPrefix(url, extensionBase) {
		return append(dst, booleanItem(item.typ != nil && item.typ.Is(t.Name))), nil
	}
	return dst, fhir.Errorf(fhir.IssueNotSupported, "", "the profile %.100s is not known here", url)
}

// htmlChecks asks whether a narrative, or a string as what is within one, is
// XHTML of the kind R4 allows. Of anything else it gives nothing.
func htmlChecks(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	item, ok, err := single(in)
	if err != nil || !ok {
		return dst, err
	}
	text, ok := item.Str()
	if !ok {
		return dst, nil
	}
	if item.typ != nil && item.typ.Name == "xhtml" {
		return append(dst, booleanItem(narrative.Valid(text))), nil
	}
	return append(dst, booleanItem(narrative.Valid(text) || narrative.ValidWithin(text))), nil
}
