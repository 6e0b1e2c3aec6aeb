package subscription

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/terms"
	"bima/fhir/path"
	"bima/fhir/r4"
	"bima/fhir/search"
	"bima/profiles"
)

// A definition is a topic of the scheme's own. Source: R5 SubscriptionTopic.
type definition struct {
	id       string // of the Basic
	url      string
	status   string
	triggers []condition
	filters  map[string][]filter // what may be filtered by, by type; "" is of all
	shapes   map[string]*shape   // what is told beside a resource, by its type
	doubt    error               // why it is refused when it is sent; one that is stored goes on
}

// A condition is which changes of a type a topic tells of. Source: R5
// SubscriptionTopic.resourceTrigger.
type condition struct {
	typ               string
	on                []fhir.EventKind
	previous, current fhir.Criterion // nil where there is none
	create, remove    bool           // whether the one counts as met that has no version to be asked of
	both              bool
	path              *path.Expression // what must hold besides, of %previous and %current; nil is nothing
	doubt             error            // as definition.doubt
}

// A filter is a search parameter that subscriptions to a topic may narrow by.
type filter struct {
	code      string
	prefixes  []string // those that its values may bear, "eq" for none; nil is all
	modifiers []string // those that it may bear; nil is all
}

// isTopic reports whether a Basic is a topic.
func isTopic(n fhir.Node) bool {
	for c := range n.At("code", "coding").Each() {
		if c.Get("code").Text() == profiles.CodeSubscriptionTopic {
			return true
		}
	}
	return false
}

// part gives the extension of a name within another.
func part(n fhir.Node, name string) fhir.Node { return n.Extension(name) }

// each gives all extensions of a name within another.
func each(n fhir.Node, name string) (all []fhir.Node) {
	for e := range n.Get("extension").Each() {
		if e.Get("url").Text() == name {
			all = append(all, e)
		}
	}
	return all
}

// topical gives the elements of a topic of a name. Its status may be among the
// modifierExtensions, where R5 has it and the guide's example puts it.
func topical(n fhir.Node, name string) (all []fhir.Node) {
	places := []string{"extension"}
	if name == "status" {
		places = append(places, "modifierExtension")
	}
	for _, place := range places {
		for e := range n.Get(place).Each() {
			if one, ok := topicElement(e); ok && one == name {
				all = append(all, e)
			}
		}
	}
	return all
}

// topicElement gives which element of a topic an extension is.
func topicElement(e fhir.Node) (name string, ok bool) {
	for _, first := range []string{profiles.TopicElement, profiles.TopicElementR4B} {
		if name, ok = strings.CutPrefix(e.Get("url").Text(), first); ok {
			return name, true
		}
	}
	return "", false
}

// topicValue gives the value of the first element of a topic of a name.
func topicValue(n fhir.Node, name string) string {
	for _, e := range topical(n, name) {
		return value(e)
	}
	return ""
}

// value gives the value of an extension, of whichever type.
func value(e fhir.Node) string {
	for m := range e.All() {
		if strings.HasPrefix(m.Name(), "value") {
			return m.Text()
		}
	}
	return ""
}

// define understands a topic. It fails with an Outcome that names the element.
func define(n fhir.Node, registry *search.Registry) (*definition, error) {
	d := &definition{id: n.Get("id").Text(), url: topicValue(n, "url"), filters: map[string][]filter{}, shapes: map[string]*shape{}}
	if u, err := url.Parse(d.url); err != nil || !u.IsAbs() || strings.ContainsAny(d.url, "|# ") {
		return nil, wrong("url", "a topic has an absolute URL of its own, not %.200q", d.url)
	}
	if strings.HasPrefix(d.url, topics) {
		return nil, wrong("url", "the topics below %s are this server's own", topics)
	}
	d.status = topicValue(n, "status")
	if !slices.Contains([]string{"draft", "active", "retired", "unknown"}, d.status) {
		return nil, wrong("status", "the status of a topic is draft, active, retired or unknown, not %.40q", d.status)
	}
	for i, e := range topical(n, "resourceTrigger") {
		c, err := readCondition(e, registry)
		if err != nil {
			return nil, relocate(err, "Basic.extension.where(url.endsWith('resourceTrigger'))["+itoa(i)+"]")
		}
		if c.doubt != nil && d.doubt == nil {
			d.doubt = relocate(c.doubt, "Basic.extension.where(url.endsWith('resourceTrigger'))["+itoa(i)+"]")
		}
		d.triggers = append(d.triggers, c)
	}
	if len(d.triggers) == 0 || len(d.triggers) > triggersMost {
		return nil, wrong("resourceTrigger", "a topic says which changes it tells of, by 1 to %d resourceTriggers", triggersMost)
	}
	if err := d.readFilters(n, registry); err != nil {
		return nil, err
	}
	return d, d.readShapes(n, registry)
}

// triggersMost bounds the triggers of a topic, and includesMost the parameters whose
// targets are told too.
const (
	triggersMost = 20
	includesMost = 10
)

// elements are those of a topic that this server does as they say, and labels those
// that tell people something. Source: R5 SubscriptionTopic.
var (
	elements = map[string][]string{
		"url": nil, "status": nil,
		"resourceTrigger":   {"description", "resource", "supportedInteraction", "queryCriteria", "fhirPathCriteria"},
		"canFilterBy":       {"description", "resource", "filterParameter", "filterDefinition", "comparator", "modifier"},
		"notificationShape": {"resource", "include", "revInclude"},
	}
	labels = []string{
		"identifier", "version", "versionAlgorithm", "name", "title", "derivedFrom", "experimental", "date", "publisher", "contact", "description",
		"useContext", "jurisdiction", "purpose", "copyright", "copyrightLabel", "approvalDate", "lastReviewDate", "effectivePeriod",
	}
	criteria = []string{"previous", "resultForCreate", "current", "resultForDelete", "requireBoth"}
)

// understood refuses a topic that says more than this server would do.
func understood(n fhir.Node) error {
	for e := range n.Get("modifierExtension").Each() {
		if name, ok := topicElement(e); !ok || name != "status" {
			return fhir.Errorf(fhir.IssueNotSupported, "Basic.modifierExtension", "this server knows no modifierExtension of a topic besides its status")
		}
	}
	if len(topical(n, "status")) > 1 {
		return unable("status", "a topic has one status, among its extensions or its modifierExtensions")
	}
	for e := range n.Get("extension").Each() {
		name, ours := topicElement(e)
		known, does := elements[name]
		switch {
		case !ours || slices.Contains(labels, name):
		case name == "eventTrigger":
			return unable(name, "the resources of this server have no events besides their changes; name these by a resourceTrigger")
		case !does:
			return unable(name, "this server knows no element %.60q of a topic", name)
		default:
			if err := knows(e, name, known); err != nil {
				return err
			}
		}
	}
	return nil
}

// knows refuses what an element of a topic has within it that this server does not
// know.
func knows(e fhir.Node, name string, known []string) error {
	for within := range e.Get("extension").Each() {
		url := within.Get("url").Text()
		if !slices.Contains(known, url) {
			return unable(name, "this server knows no %.60q of it; it knows %s", url, strings.Join(known, ", "))
		}
		if url == "queryCriteria" {
			if err := knows(within, name, criteria); err != nil {
				return err
			}
		}
	}
	return nil
}

// unable is why an element of a topic is refused that this server does not do.
func unable(element, format string, args ...any) error {
	return fhir.Errorf(fhir.IssueNotSupported, "Basic.extension.where(url.endsWith('"+element+"'))", format, args...)
}

func wrong(element, format string, args ...any) error {
	return fhir.Errorf(fhir.IssueValue, "Basic.extension.where(url.endsWith('"+element+"'))", format, args...)
}

// typeOf reads a resource type, by its name or the URL of its definition.
func typeOf(text string) (string, error) {
	typ := strings.TrimPrefix(text, "http://hl7.org/fhir/StructureDefinition/")
	switch {
	case !r4.IsResource(typ):
		return "", fhir.Errorf(fhir.IssueValue, "", "%.200q is no resource type; write http://hl7.org/fhir/StructureDefinition/Claim", text)
	case slices.Contains(excluded, typ):
		return "", fhir.Errorf(fhir.IssueNotSupported, "", "nobody can subscribe to %s: telling of it would make more of it", typ)
	}
	return typ, nil
}

// untermed refuses criteria that a change can't be asked.
func untermed(r *search.Request) error {
	if terms.Needs(r.Where) {
		return fhir.Errorf(fhir.IssueNotSupported, "", "criteria can't ask a terminology (:in, :not-in, :above, :below of codes); name the codes")
	}
	return nil
}

// plain refuses a query that says, besides which resources are meant, what is
// answered: nobody would do that.
func plain(typ string, r *search.Request) error {
	if len(r.Includes)+len(r.RevIncludes)+len(r.Elements) > 0 || r.Summary+r.Contained+r.ContainedType+r.After != "" || !slices.Equal(r.Types, []string{typ}) {
		return fhir.Errorf(fhir.IssueNotSupported, "", "criteria say which resources are meant; what is told of them is not set by _include, _revinclude, _summary, _elements, _contained, _type or _cursor")
	}
	return nil
}

// readFilters understands canFilterBy.
func (d *definition) readFilters(n fhir.Node, registry *search.Registry) error {
	for _, e := range topical(n, "canFilterBy") {
		typ := value(part(e, "resource"))
		var types []string
		if typ != "" {
			one, err := typeOf(typ)
			if err != nil {
				return relocate(err, "Basic.extension.where(url.endsWith('canFilterBy'))")
			}
			types, typ = []string{one}, one
		} else {
			for _, c := range d.triggers {
				types = append(types, c.typ)
			}
		}
		f := filter{code: value(part(e, "filterParameter"))}
		for _, one := range types {
			doubt, err := f.read(e, one, registry)
			if err != nil {
				return err
			}
			d.doubt = cmp.Or(d.doubt, doubt)
		}
		d.filters[typ] = append(d.filters[typ], f)
	}
	return nil
}

// prefixes are the comparators that values may bear, and bears the modifiers that
// parameters may, by their kinds. Source: R5 search-comparator and
// search-modifier-code, as far as they need no terminology.
var (
	prefixes = []string{"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"}
	ordered  = []string{"date", "number", "quantity"}
	bears    = map[string][]string{
		"token": {"missing", "not", "text", "of-type"}, "string": {"missing", "exact", "contains"}, "uri": {"missing", "above", "below"},
		"reference": {"missing", "identifier", "text", "type"}, "date": {"missing"}, "number": {"missing"}, "quantity": {"missing"}, "composite": {"missing"},
	}
)

// read understands which comparators and modifiers a filter may be used with on a
// type. R4B has comparators among the modifiers, and "=" for none.
func (f *filter) read(e fhir.Node, typ string, registry *search.Registry) (doubt, err error) {
	p := registry.Param(typ, f.code)
	if p == nil {
		return nil, wrong("canFilterBy", "%s can't be searched by %.80q", typ, f.code)
	}
	if url := value(part(e, "filterDefinition")); url != "" && url != p.URL {
		doubt = unable("canFilterBy", "%.200q does not define the parameter %s of %s as this server knows it; %s does", url, f.code, typ, p.URL)
	}
	f.prefixes, f.modifiers = nil, nil
	take := func(text string, modifiers bool) {
		switch {
		case text == "=":
			f.prefixes = append(f.prefixes, "eq")
		case slices.Contains(prefixes, text) && (text == "eq" || slices.Contains(ordered, p.Kind)):
			f.prefixes = append(f.prefixes, text)
		case modifiers && slices.Contains(bears[p.Kind], text):
			f.modifiers = append(f.modifiers, text)
		default:
			doubt = unable("canFilterBy", "%s of %s, a %s, is not filtered with %.40q", f.code, typ, p.Kind, text)
		}
	}
	for _, one := range each(e, "comparator") {
		take(value(one), false)
	}
	listed := each(e, "modifier")
	for _, one := range listed {
		take(value(one), true)
	}
	if len(listed) > 0 && f.modifiers == nil {
		f.modifiers = []string{} // none may be used
	}
	return doubt, nil
}

// mayFilter asks whether subscriptions to a topic may narrow a type so. The doubt is
// of one that is stored, which goes on.
func (d *definition) mayFilter(typ, query string) (doubt, err error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, fhir.Errorf(fhir.IssueValue, "Subscription.criteria.extension", "%.200q is no query of a search", query)
	}
	for name, texts := range values {
		code, modifier, _ := strings.Cut(name, ":")
		code, _, _ = strings.Cut(code, ".")
		known, may := false, false
		for _, f := range slices.Concat(d.filters[typ], d.filters[""]) {
			known = known || f.code == code
			may = may || f.code == code && f.may(strings.Contains(name, "."), modifier, texts)
		}
		if !known {
			return nil, fhir.Errorf(fhir.IssueNotSupported, "Subscription.criteria.extension", "subscriptions to %s can't filter %s by %.80q", d.url, typ, code)
		}
		if !may {
			doubt = fhir.Errorf(fhir.IssueNotSupported, "Subscription.criteria.extension", "subscriptions to %s can filter %s by %s, but not with the modifier or comparator of %.80q", d.url, typ, code, name+"="+strings.Join(texts, ","))
		}
	}
	return doubt, nil
}

// may reports whether a filter may be used so: along a chain, with a modifier, with
// these values.
func (f *filter) may(chained bool, modifier string, texts []string) bool {
	if chained && (f.prefixes != nil || f.modifiers != nil) {
		return false // what is said of the parameter is not said of another's
	}
	if r4.IsResource(modifier) {
		modifier = "type"
	}
	if modifier != "" && f.modifiers != nil && !slices.Contains(f.modifiers, modifier) {
		return false
	}
	if f.prefixes == nil || modifier != "" {
		return true
	}
	for _, text := range texts {
		for one := range strings.SplitSeq(text, ",") {
			prefix := "eq"
			if len(one) > 2 && slices.Contains(prefixes, one[:2]) {
				prefix = one[:2]
			}
			if !slices.Contains(f.prefixes, prefix) {
				return false
			}
		}
	}
	return true
}
