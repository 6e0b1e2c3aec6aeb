package subscription

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
	"bima/fhir/search"
	"bima/profiles"
)

// kind says what a change is to a topic narrowed by a filter; "" where it is
// nothing. Of a deleted resource the filter is asked of what it was.
func (c *condition) kind(tx fhir.Tx, change *fhir.Change, filter fhir.Criterion) (fhir.EventKind, error) {
	kind := fhir.EventUpdate
	switch {
	case change.After == nil && change.Before == nil:
		return "", nil
	case change.After == nil:
		kind = fhir.EventDelete
	case change.Before == nil:
		kind = fhir.EventCreate
	}
	if !slices.Contains(c.on, kind) {
		return "", nil
	}
	holds, err := met(tx, change, filter, kind != fhir.EventDelete)
	if err == nil && holds {
		holds, err = c.queried(tx, change, kind)
	}
	if err == nil && holds && c.path != nil {
		holds, err = c.asked(change, tx.Now())
	}
	if err != nil || !holds {
		return "", err
	}
	return kind, nil
}

// queried asks the queryCriteria of a change.
func (c *condition) queried(r fhir.Reader, change *fhir.Change, kind fhir.EventKind) (holds bool, err error) {
	if c.previous == nil && c.current == nil {
		return true, nil
	}
	before, now := c.create, c.remove
	if kind != fhir.EventCreate && c.previous != nil {
		if before, err = met(r, change, c.previous, false); err != nil {
			return false, err
		}
	}
	if kind != fhir.EventDelete && c.current != nil {
		if now, err = met(r, change, c.current, true); err != nil {
			return false, err
		}
	}
	// Criteria that are not there are met with both, and not without.
	before, now = c.previous == nil && c.both || c.previous != nil && before, c.current == nil && c.both || c.current != nil && now
	return c.both && before && now || !c.both && (before || now), nil
}

// An unanswered is why fhirPathCriteria gave no answer on a change.
type unanswered struct{ error }

// asked asks the fhirPathCriteria of a change.
func (c *condition) asked(change *fhir.Change, now time.Time) (bool, error) {
	var versions [2]fhir.Node
	for i, v := range []*fhir.Resource{change.Before, change.After} {
		if v == nil {
			continue
		}
		doc, err := fhir.Parse(v.Body)
		if err != nil {
			return false, err
		}
		versions[i] = doc.Root()
	}
	holds, err := evaluate(c.path, versions[0], versions[1], now)
	if err != nil {
		return false, unanswered{err}
	}
	return holds, nil
}

// readCondition understands a resourceTrigger.
func readCondition(e fhir.Node, registry *search.Registry) (c condition, err error) {
	if c.typ, err = typeOf(value(part(e, "resource"))); err != nil {
		return c, err
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
	var first, second error
	if c.previous, first, err = criterion(c.typ, value(part(q, "previous")), registry); err != nil {
		return c, err
	}
	if c.current, second, err = criterion(c.typ, value(part(q, "current")), registry); err != nil {
		return c, err
	}
	c.doubt = cmp.Or(first, second)
	c.both = value(part(q, "requireBoth")) == "true"
	if c.create, err = passes(q, "resultForCreate"); err != nil {
		return c, err
	}
	if c.remove, err = passes(q, "resultForDelete"); err != nil {
		return c, err
	}
	if !alone(c.previous) {
		c.doubt = fhir.Errorf(fhir.IssueNotSupported, "", "previous asks about other resources, and nobody can tell what these said then; ask about the resource itself")
	}
	c.path, err = readPath(part(e, "fhirPathCriteria"), c.typ)
	return c, err
}

// alone reports whether criteria can be asked of a version by itself.
func alone(c fhir.Criterion) bool {
	others := func(c fhir.Criterion) bool { return !alone(c) }
	switch c := c.(type) {
	case nil:
		return true
	case fhir.All:
		return !slices.ContainsFunc(c, others)
	case fhir.Any:
		return !slices.ContainsFunc(c, others)
	case fhir.Not:
		return alone(c.Criterion)
	case fhir.Of:
		return alone(c.Where)
	case fhir.Match, fhir.Present, fhir.IDs, fhir.Updated, fhir.FullText:
		return true
	}
	return false
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
// there is none. The doubt is of what would not be done.
func criterion(typ, query string, registry *search.Registry) (where fhir.Criterion, doubt, err error) {
	if before, after, ok := strings.Cut(query, "?"); ok && before == typ {
		query = after
	}
	if query == "" {
		return nil, nil, nil
	}
	request, err := registry.Parse(typ, query, search.ParseOptions{Exact: true})
	if err == nil {
		err = untermed(request)
	}
	if err != nil {
		return nil, nil, err
	}
	return request.Where, plain(typ, request), nil
}

// readPath understands fhirPathCriteria. What it would ask besides the two versions
// nobody answers in the midst of a write.
func readPath(e fhir.Node, typ string) (*path.Expression, error) {
	if !e.Exists() {
		return nil, nil
	}
	text := value(e)
	for _, function := range []string{"resolve", "memberOf", "conformsTo"} {
		if strings.Contains(text, function+"(") {
			return nil, fhir.Errorf(fhir.IssueNotSupported, "", "fhirPathCriteria are asked of the two versions alone, without %s(); criteria about other resources are written as queryCriteria", function)
		}
	}
	expression, err := path.Compile(text)
	if err != nil {
		return nil, err
	}
	if err := expression.Check(r4.Lookup(typ)); err != nil {
		return nil, err
	}
	// What is wrong with it whatever the versions are, such as a variable that is not
	// there, shows on empty ones.
	bare, err := fhir.Parse([]byte(`{"resourceType":"` + typ + `"}`))
	if err != nil {
		return nil, err
	}
	for _, pair := range [][2]fhir.Node{{{}, bare.Root()}, {bare.Root(), bare.Root()}, {bare.Root(), {}}} {
		if _, err := evaluate(expression, pair[0], pair[1], time.Time{}); err != nil {
			return nil, err
		}
	}
	return expression, nil
}

// pathSteps bounds what fhirPathCriteria may do on one change: some milliseconds.
const pathSteps = 100_000

// evaluate asks an expression of the version before a change and the one after it,
// either of which may be absent. What it gives nothing for does not hold.
func evaluate(e *path.Expression, previous, current fhir.Node, now time.Time) (bool, error) {
	c := &path.Context{Variables: map[string]path.Collection{"previous": nil, "current": nil}, Now: now, Steps: pathSteps}
	focus := current
	if previous.Exists() {
		c.Variables["previous"] = path.Collection{path.Element(previous, nil)}
	}
	if current.Exists() {
		c.Variables["current"] = path.Collection{path.Element(current, nil)}
	} else {
		focus = previous
	}
	holds, known, err := e.Bool(focus, nil, c)
	return holds && known, err
}

// met asks a criterion of the version that a change has made, or of the one before.
// What other resources said then nobody can tell: such criteria are not met.
func met(r fhir.Reader, change *fhir.Change, where fhir.Criterion, after bool) (bool, error) {
	if after {
		return holds(r, change.After, change.Index, where)
	}
	held, known := search.Matches(change.Was, change.Key, change.Before.Updated, where)
	return held && known, nil
}

// ruleTopic refuses a topic that can't be told of, and changes to one that its
// subscribers would be lost by.
func (h *Hub) ruleTopic(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	var was, is *definition
	if c.Before != nil {
		doc, err := fhir.Parse(c.Before.Body)
		if err != nil {
			return err
		}
		if isTopic(doc.Root()) {
			was, _ = define(doc.Root(), h.search()) // it may be from before a search parameter went
		}
	}
	if c.After != nil && isTopic(c.Node) {
		var err error
		if is, err = define(c.Node, h.search()); err == nil {
			err = cmp.Or(is.doubt, understood(c.Node))
		}
		if err != nil {
			return err
		}
	}
	if was == nil && is == nil {
		return nil
	}
	if caller, _ := fhir.CallerOf(ctx); !caller.Has(fhir.RoleIntegration) {
		return fhir.Errorf(fhir.IssueForbidden, "", "only who has the role integration or administrator may say what others can be told of")
	}
	if is != nil {
		caller, _ := fhir.CallerOf(ctx)
		if err := is.within(caller.Scopes()); err != nil {
			return err
		}
		if err := unique(r, h.search(), c.ID, is.url); err != nil {
			return err
		}
	}
	if was == nil {
		return nil
	}
	return h.keepsSubscribers(was.url, is)
}

// unique asks whether no other topic has a URL.
func unique(r fhir.Reader, registry *search.Registry, id, url string) error {
	all, err := topicsOf(r, registry)
	for _, other := range all {
		doc, err := fhir.Parse(other.Body)
		if err != nil {
			return err
		}
		if other.ID != id && topicValue(doc.Root(), "url") == url {
			return fhir.Errorf(fhir.IssueDuplicate, "Basic.extension.where(url.endsWith('url'))", "Basic/%s is the topic %.200q already", other.ID, url)
		}
	}
	return err
}

// keepsSubscribers asks whether all that subscribe to a topic are understood by what
// it is to be; nil is that it is to be no more.
func (h *Hub) keepsSubscribers(url string, is *definition) error {
	known := map[string]*definition{}
	if is != nil {
		known[is.url] = is
	}
	for id, s := range h.roll.Load().byID {
		if s.topic == nil || s.topic.canonical != url {
			continue
		}
		now, err := read(s.node, h.search(), known)
		if err == nil {
			err = now.doubt
		}
		if err != nil {
			return fhir.Errorf(fhir.IssueBusinessRule, "", "Subscription/%s is to this topic and would be told no more: %s; turn it off first", id, fhir.OutcomeOf(err).Issues[0].Diagnostics)
		}
	}
	return nil
}

// topicsMost bounds the topics of the scheme's own.
const topicsMost = 1000

// topicsOf reads the topics.
func topicsOf(r fhir.Reader, registry *search.Registry) ([]*fhir.Resource, error) {
	request, err := registry.Parse("Basic", "code="+profiles.CodeSubscriptionTopic, search.ParseOptions{Exact: true})
	if err != nil {
		return nil, err
	}
	request.Limit = topicsMost
	page, err := r.Search(&request.Query)
	if err != nil {
		return nil, err
	}
	return page.Resources, nil
}

// definitions reads the topics that may be subscribed to, by their URLs.
func (h *Hub) definitions(r fhir.Reader) (map[string]*definition, error) {
	all, err := topicsOf(r, h.search())
	if err != nil {
		return nil, err
	}
	known := map[string]*definition{}
	for _, resource := range all {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		d, err := define(doc.Root(), h.search())
		if err != nil {
			h.log.Warn("a topic can't be understood", "id", resource.ID, "error", err)
			continue
		}
		known[d.url] = d
	}
	return known, nil
}

// Topics gives the canonical URLs of what can be subscribed to: the topics of the
// resource types, and those of the scheme's own.
func (h *Hub) Topics() []string {
	var all []string
	for _, typ := range r4.Resources() {
		if !slices.Contains(excluded, typ) {
			all = append(all, topics+typ)
		}
	}
	for url, d := range h.roll.Load().topics {
		if d.status == "active" {
			all = append(all, url)
		}
	}
	slices.Sort(all)
	return all
}
