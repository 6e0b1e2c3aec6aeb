package subscription

import (
	"net/url"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/terms"
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
	filters  map[string][]string // what may be filtered by, by type; "" is of all
	includes map[string][]string // the reference parameters whose targets are told too, by type
}

// A condition is which changes of a type a topic tells of. Source: R5
// SubscriptionTopic.resourceTrigger.
type condition struct {
	typ               string
	on                []fhir.EventKind
	previous, current fhir.Criterion // nil where there is none
	create, remove    bool           // whether the one counts as met that has no version to be asked of
	both              bool
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

// part gives the extension of a name within another, or of a topic.
func part(n fhir.Node, name string) fhir.Node { return n.Extension(name) }

// each gives all extensions of a name.
func each(n fhir.Node, name string) (all []fhir.Node) {
	for e := range n.Get("extension").Each() {
		if e.Get("url").Text() == name {
			all = append(all, e)
		}
	}
	return all
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
	d := &definition{id: n.Get("id").Text(), url: value(part(n, profiles.TopicElement+"url")), filters: map[string][]string{}, includes: map[string][]string{}}
	if u, err := url.Parse(d.url); err != nil || !u.IsAbs() || strings.ContainsAny(d.url, "|# ") {
		return nil, wrong("url", "a topic has an absolute URL of its own, not %.200q", d.url)
	}
	if strings.HasPrefix(d.url, topics) {
		return nil, wrong("url", "the topics below %s are this server's own", topics)
	}
	d.status = value(part(n, profiles.TopicElement+"status"))
	if !slices.Contains([]string{"draft", "active", "retired", "unknown"}, d.status) {
		return nil, wrong("status", "the status of a topic is draft, active, retired or unknown, not %.40q", d.status)
	}
	for i, e := range each(n, profiles.TopicElement+"resourceTrigger") {
		c, err := readCondition(e, registry)
		if err != nil {
			return nil, relocate(err, "Basic.extension.where(url.endsWith('resourceTrigger'))["+itoa(i)+"]")
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

// readCondition understands a resourceTrigger.
func readCondition(e fhir.Node, registry *search.Registry) (c condition, err error) {
	if c.typ, err = typeOf(value(part(e, "resource"))); err != nil {
		return c, err
	}
	if part(e, "fhirPathCriteria").Exists() {
		return c, fhir.Errorf(fhir.IssueNotSupported, "", "this server asks queryCriteria, not fhirPathCriteria")
	}
	for _, one := range each(e, "supportedInteraction") {
		kind := fhir.EventKind(value(one))
		if !slices.Contains([]fhir.EventKind{fhir.EventCreate, fhir.EventUpdate, fhir.EventDelete}, kind) {
			return c, fhir.Errorf(fhir.IssueCodeInvalid, "", "a supportedInteraction is create, update or delete, not %.40q", kind)
		}
		c.on = append(c.on, kind)
	}
	if len(c.on) == 0 {
		c.on = []fhir.EventKind{fhir.EventCreate, fhir.EventUpdate, fhir.EventDelete}
	}
	q := part(e, "queryCriteria")
	if c.previous, err = criterion(c.typ, value(part(q, "previous")), registry); err != nil {
		return c, err
	}
	if c.current, err = criterion(c.typ, value(part(q, "current")), registry); err != nil {
		return c, err
	}
	c.both = value(part(q, "requireBoth")) == "true"
	if c.create, err = passes(q, "resultForCreate"); err != nil {
		return c, err
	}
	c.remove, err = passes(q, "resultForDelete")
	return c, err
}

// passes reads "test-passes" or "test-fails", which is what is absent.
func passes(q fhir.Node, name string) (bool, error) {
	switch text := value(part(q, name)); text {
	case "test-passes":
		return true, nil
	case "test-fails", "":
		return false, nil
	default:
		return false, fhir.Errorf(fhir.IssueCodeInvalid, "", "%s is test-passes or test-fails, not %.40q", name, text)
	}
}

// criterion reads "status=active", which may have "Claim?" before it; nil where
// there is none.
func criterion(typ, query string, registry *search.Registry) (fhir.Criterion, error) {
	if before, after, ok := strings.Cut(query, "?"); ok && before == typ {
		query = after
	}
	if query == "" {
		return nil, nil
	}
	request, err := registry.Parse(typ, query, search.ParseOptions{Exact: true})
	if err != nil {
		return nil, err
	}
	if terms.Needs(request.Where) {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "criteria can't ask a terminology (:in, :not-in, :above, :below of codes); name the codes")
	}
	return request.Where, nil
}

// readFilters understands canFilterBy.
func (d *definition) readFilters(n fhir.Node, registry *search.Registry) error {
	for _, e := range each(n, profiles.TopicElement+"canFilterBy") {
		code, typ := value(part(e, "filterParameter")), value(part(e, "resource"))
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
		for _, one := range types {
			if registry.Param(one, code) == nil {
				return wrong("canFilterBy", "%s can't be searched by %.80q", one, code)
			}
		}
		d.filters[typ] = append(d.filters[typ], code)
	}
	return nil
}

// readShapes understands notificationShape: what a resource refers to may be told
// with it.
func (d *definition) readShapes(n fhir.Node, registry *search.Registry) error {
	for _, e := range each(n, profiles.TopicElement+"notificationShape") {
		typ, err := typeOf(value(part(e, "resource")))
		if err != nil {
			return relocate(err, "Basic.extension.where(url.endsWith('notificationShape'))")
		}
		if part(e, "revInclude").Exists() {
			return wrong("notificationShape", "this server tells what a resource refers to (include), not what refers to it (revInclude)")
		}
		for _, include := range each(e, "include") {
			of, code, _ := strings.Cut(value(include), ":")
			code, _, _ = strings.Cut(code, "&")
			p := registry.Param(of, code)
			if of != typ || p == nil || p.Kind != "reference" {
				return wrong("notificationShape", "an include is a type and a parameter of it that refers, such as Claim:patient, not %.80q", value(include))
			}
			d.includes[typ] = append(d.includes[typ], code)
		}
		if len(d.includes[typ]) > includesMost {
			return wrong("notificationShape", "at most %d includes of a type", includesMost)
		}
	}
	return nil
}

// mayFilter asks whether subscriptions to a topic may narrow a type so.
func (d *definition) mayFilter(typ, query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return fhir.Errorf(fhir.IssueValue, "Subscription.criteria.extension", "%.200q is no query of a search", query)
	}
	for name := range values {
		code, _, _ := strings.Cut(name, ":")
		code, _, _ = strings.Cut(code, ".")
		if !slices.Contains(d.filters[typ], code) && !slices.Contains(d.filters[""], code) {
			return fhir.Errorf(fhir.IssueNotSupported, "Subscription.criteria.extension", "subscriptions to %s can't filter %s by %.80q", d.url, typ, code)
		}
	}
	return nil
}
