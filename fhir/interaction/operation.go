package interaction

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/jsontext"
	"bima/fhir/interaction/scoped"
	"bima/fhir/validate"
)

// mount takes in what the modules offer, after the operations built in.
func (e *Engine) mount(modules []fhir.Module) error {
	e.screens = map[string][]fhir.Screen{}
	e.rules, e.operations = map[string][]fhir.Rule{}, map[string][]fhir.Operation{}
	e.unique, e.heard, e.keepers = map[string][]string{}, map[string]bool{}, map[string][]fhir.Keeper{}
	builtIn := fhir.Module{Name: "interaction", Operations: []fhir.Operation{e.validateOperation()}}
	for _, m := range append([]fhir.Module{builtIn}, modules...) {
		for _, screen := range m.Screens {
			for _, typ := range screen.Types {
				e.screens[typ] = append(e.screens[typ], screen)
			}
		}
		for _, rule := range m.Rules {
			for _, typ := range rule.Types {
				e.rules[typ] = append(e.rules[typ], rule)
			}
		}
		for _, keeper := range m.Keepers {
			for _, typ := range keeper.Types {
				e.keepers[typ] = append(e.keepers[typ], keeper)
			}
		}
		for _, reaction := range m.Reactions {
			e.reactions = append(e.reactions, reaction)
			for _, typ := range reaction.Types {
				e.heard[typ] = true
			}
		}
		e.notices = append(e.notices, m.Notices...)
		e.holders = append(e.holders, m.Holders...)
		e.veils = append(e.veils, m.Veils...)
		for _, identifier := range m.Unique {
			if !slices.Contains(e.unique[identifier.Type], identifier.System) {
				e.unique[identifier.Type] = append(e.unique[identifier.Type], identifier.System)
			}
		}
		for _, o := range m.Operations {
			if err := e.offer(m.Name, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell tells the Notices of the modules what was committed. It goes on though
// the client has gone: what is kept in memory must be right for the next one.
func (e *Engine) tell(ctx context.Context, j *journal) {
	for _, n := range e.notices {
		var changed []fhir.Key
		for k := range j.latest {
			if n.Types == nil || slices.Contains(n.Types, k.Type) {
				changed = append(changed, k)
			}
		}
		if len(changed) > 0 {
			slices.SortFunc(changed, func(a, b fhir.Key) int { return strings.Compare(a.String(), b.String()) })
			n.Tell(context.WithoutCancel(ctx), changed)
		}
	}
}

// offer adds an operation, unless another has its place.
func (e *Engine) offer(module string, o fhir.Operation) error {
	for _, other := range e.operations[o.Code] {
		shared := slices.ContainsFunc(o.Types, func(t string) bool { return slices.Contains(other.Types, t) })
		if o.System && other.System || shared && (o.Type && other.Type || o.Instance && other.Instance) {
			return fhir.Errorf(fhir.IssueException, "", "module %s offers $%s where another module does already", module, o.Code)
		}
	}
	e.operations[o.Code] = append(e.operations[o.Code], o)
	return nil
}

// operation finds what runs [on]/$code.
func (e *Engine) operation(code string, on fhir.Key) (*fhir.Operation, error) {
	candidates := e.operations[code]
	for i := range candidates {
		o := &candidates[i]
		switch {
		case on.Type == "" && o.System,
			on.Type != "" && on.ID == "" && o.Type && slices.Contains(o.Types, on.Type),
			on.ID != "" && o.Instance && slices.Contains(o.Types, on.Type):
			return o, nil
		}
	}
	where := "[base]"
	if on.ID != "" {
		where = on.Type + "/[id]"
	} else if on.Type != "" {
		where = on.Type
	}
	return nil, fhir.Detailf(fhir.IssueNotSupported, DetailUnknownOperation, "", "this server has no operation $%.60s on %s; metadata lists those it has", code, where)
}

// Operation implements fhir.Server.
func (e *Engine) Operation(ctx context.Context, code string, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	e = e.pinned()
	o, err := e.operation(code, on)
	if err != nil {
		return nil, err
	}
	return handle(ctx, e, o, on, in)
}

// Call runs an operation as it came over HTTP: on a resource, a type or the whole
// server, with its parameters in the query or in the body. Source: R4
// operations#executing.
func (e *Engine) Call(ctx context.Context, code string, on fhir.Key, query string, body []byte, get bool) (*fhir.Response, error) {
	e = e.pinned()
	if on.Type != "" {
		if err := knownType(on.Type); err != nil {
			return nil, err
		}
	}
	o, err := e.callable(code, on, get)
	if err == nil {
		_, err = permitted(ctx, o, on)
	}
	if err != nil {
		return nil, err
	}
	in, err := e.input(code, query, body, get)
	var invalid map[int]error
	if err != nil && o.Apart && !get {
		in, invalid, err = apart(body, err)
	}
	if err == nil {
		ctx, err = e.screenInput(ctx, o, in, invalid)
	}
	if err != nil {
		return nil, outcome(err)
	}
	return handle(ctx, e, o, on, in)
}

// CallVersion is Call on a version of a resource, which the operation gets as the
// parameter versionId; only the operations on meta take one. With version "" it
// is Call. Source: R4 resource-operation-meta-add ("can also be used on
// historical entries").
func (e *Engine) CallVersion(ctx context.Context, code string, on fhir.Key, version, query string, body []byte, get bool) (*fhir.Response, error) {
	if version == "" {
		return e.Call(ctx, code, on, query, body, get)
	}
	e = e.pinned()
	if _, err := e.operation(code, on); err != nil || !strings.HasPrefix(code, "meta") {
		return nil, fhir.Detailf(fhir.IssueNotSupported, DetailUnknownOperation, "", "this server has no operation $%.60s on a version of a %s", code, on.Type)
	}
	o, err := e.callable(code, on, get)
	if err == nil {
		_, err = permitted(ctx, o, on)
	}
	if err != nil {
		return nil, err
	}
	in, err := e.input(code, query, body, get)
	if err != nil {
		return nil, outcome(err)
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	named := append(jsontext.AppendString([]byte(`{"name":"versionId","valueString":`), version), '}')
	edit := fhir.NewEdit(doc)
	if list := doc.Root().Get("parameter"); list.Exists() {
		edit.Append(list, named)
	} else {
		edit.Set(doc.Root(), "parameter", slices.Concat([]byte{'['}, named, []byte{']'}))
	}
	return handle(ctx, e, o, on, &fhir.Resource{Key: in.Key, Body: edit.Bytes()})
}

// callable finds an operation that the method may call.
func (e *Engine) callable(code string, on fhir.Key, get bool) (*fhir.Operation, error) {
	o, err := e.operation(code, on)
	if err == nil && get && o.Affects {
		if o.Look != nil {
			look := *o
			look.Handle, look.Affects = o.Look, false
			return &look, nil
		}
		return nil, fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMethod, "", "$%s changes what is stored, so it takes POST only", code)
	}
	return o, err
}

// input makes the resource that an operation is given, of a query or a body.
func (e *Engine) input(code, query string, body []byte, get bool) (*fhir.Resource, error) {
	switch {
	case get || len(body) == 0:
		return parametersOf(query)
	case code == validateCode:
		return validationInput(query, body)
	}
	return e.checked(body)
}

// permitted gives who calls an operation, where the scopes of his token allow it.
func permitted(ctx context.Context, o *fhir.Operation, on fhir.Key) (fhir.Caller, error) {
	caller, err := callerOf(ctx)
	if err == nil {
		err = scoped.Operation(caller.Grant, o, on)
	}
	return caller, err
}

// handle runs an operation, which meets the server as s: the Engine, or a
// transaction that is under way. The scopes of the caller's token, and what is
// hidden from him, are asked about the operation and what it tells, not about each
// thing it does.
func handle(ctx context.Context, s fhir.Server, o *fhir.Operation, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	caller, err := permitted(ctx, o, on)
	if err != nil {
		return nil, err
	}
	if e, is := s.(*Engine); is {
		ctx = e.remembering(ctx)
	}
	if err := reaches(ctx, s, on); err != nil {
		return nil, err
	}
	if err := whole(ctx, s, o); err != nil {
		return nil, err
	}
	inner := ctx
	if free := caller.Unscoped(); caller.Grant != nil || o.Affects || o.Sums {
		if o.Affects || o.Sums {
			free = free.Unveiled()
		}
		inner = fhir.WithCaller(ctx, free)
		if n, within := s.(nested); within {
			s = n.as(inner, free)
		}
	}
	response, err := o.Handle(inner, s, on, in)
	if err == nil {
		response, err = told(ctx, s, caller, response, o.Affects)
	}
	if err == nil && response == nil {
		response = &fhir.Response{}
	}
	return response, outcome(err)
}

// reaches refuses an operation on what is hidden from the caller as on what is not
// there: whoever may not tell them apart is answered the same.
func reaches(ctx context.Context, s fhir.Server, on fhir.Key) error {
	if on.ID == "" {
		return nil
	}
	return beneath(ctx, s, func(typ string) bool { return typ == on.Type }, func(r fhir.Reader, veil *scoped.Veil) error {
		found, err := r.Read(on)
		hides := fhir.HasIssue(err, fhir.IssueNotFound)
		if err == nil {
			hides, err = veil.Hides(r, found)
		}
		if hides {
			return notFound(on)
		}
		return err
	})
}

// whole refuses an operation that goes through all of some types to whom some of them
// are hidden.
func whole(ctx context.Context, s fhir.Server, o *fhir.Operation) error {
	if len(o.Whole) == 0 {
		return nil
	}
	such := func(typ string) bool { return slices.Contains(o.Whole, typ) }
	return beneath(ctx, s, such, func(_ fhir.Reader, veil *scoped.Veil) error {
		if !veil.HidesSome(such) {
			return nil
		}
		return fhir.Errorf(fhir.IssueForbidden, "", "$%s goes through all resources of the type %s, some of which are hidden from you; have somebody call it from whom none is", o.Code, strings.Join(o.Whole, ", "))
	})
}

// told gives what an operation answers as far as the caller may read it. What has
// changed something is never refused for what it answers.
func told(ctx context.Context, s fhir.Server, caller fhir.Caller, response *fhir.Response, changed bool) (*fhir.Response, error) {
	sieved := response
	sieve := func(r fhir.Reader, veil *scoped.Veil) (err error) {
		sieved, err = scoped.Answer(scoped.Sight{Grant: caller.Grant, Veil: veil, Reader: r}, response, changed)
		return err
	}
	veiled := false
	err := beneath(ctx, s, scoped.Names(response), func(r fhir.Reader, veil *scoped.Veil) error {
		veiled = true
		return sieve(r, veil)
	})
	if err == nil && !veiled {
		err = sieve(nil, nil)
	}
	if err != nil && changed {
		return scoped.Silent(response), nil
	}
	return sieved, err
}

// parametersOf makes a Parameters resource of a query. Source: R4
// operations#request (the parameters of a GET are primitive).
func parametersOf(query string) (*fhir.Resource, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "the query %.200q is not well formed", query)
	}
	names := make([]string, 0, len(values))
	for name := range values {
		if name != "_format" && name != "_pretty" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	b := []byte(`{"resourceType":"Parameters"`)
	count := 0
	for _, name := range names {
		for _, value := range values[name] {
			if count == 0 {
				b = append(b, `,"parameter":[`...)
			} else {
				b = append(b, ',')
			}
			count++
			b = append(b, `{"name":`...)
			b = jsontext.AppendString(b, name)
			b = append(b, `,"valueString":`...)
			b = jsontext.AppendString(b, value)
			b = append(b, '}')
		}
	}
	if count > 0 {
		b = append(b, ']')
	}
	return &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: append(b, '}')}, nil
}

// unchecked reads the input of an operation only as far as to know its type.
func unchecked(body []byte) (*fhir.Resource, error) {
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	typ := doc.Root().Get("resourceType").Text()
	if err := knownType(typ); err != nil {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "an operation takes a Parameters or another resource of R4, not %.60q", typ)
	}
	return &fhir.Resource{Key: fhir.Key{Type: typ, ID: doc.Root().Get("id").Text()}, Body: body}, nil
}

// checked reads and validates the input of an operation.
func (e *Engine) checked(body []byte) (*fhir.Resource, error) {
	doc, issues := validate.Resource(body, validate.Options{})
	if err := refused(issues); err != nil {
		return nil, err
	}
	n := doc.Root()
	return &fhir.Resource{Key: fhir.Key{Type: n.Get("resourceType").Text(), ID: n.Get("id").Text()}, Body: body}, nil
}
