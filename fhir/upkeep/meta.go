package upkeep

import (
	"bytes"
	"context"
	"slices"
	"strconv"

	"bima/fhir"
)

const (
	// summaryPage is how many resources a summary reads at a time.
	summaryPage = 500
	// labelsMax bounds the labels of one list of a meta.
	labelsMax = 10_000
)

// labels are the members of a meta that people set: each value as JSON, by what
// tells it from the others. Source: R4 resource-operation-meta ("The identity of
// a tag or security label is the system+code").
type labels struct {
	profiles, security, tags list
}

// A list holds values in their order, each once.
type list struct {
	values [][]byte
	known  map[string]bool
}

func (l *list) add(identity string, raw []byte) bool {
	if l.known[identity] {
		return false
	}
	if l.known == nil {
		l.known = make(map[string]bool)
	}
	l.known[identity] = true
	l.values = append(l.values, bytes.Clone(raw))
	return true
}

// identity gives what tells a coding from others: system and code.
func identity(coding fhir.Node) string {
	return coding.Get("system").Text() + "|" + coding.Get("code").Text()
}

// each hands over all labels of a meta with the list they belong to.
func (l *labels) each(meta fhir.Node, do func(to *list, identity string, n fhir.Node)) {
	for p := range meta.Get("profile").Each() {
		do(&l.profiles, p.Text(), p)
	}
	for c := range meta.Get("security").Each() {
		do(&l.security, identity(c), c)
	}
	for c := range meta.Get("tag").Each() {
		do(&l.tags, identity(c), c)
	}
}

// take adds the labels of a meta and reports whether any is new.
func (l *labels) take(meta fhir.Node) bool {
	changed := false
	l.each(meta, func(to *list, identity string, n fhir.Node) {
		if to.add(identity, n.Raw()) {
			changed = true
		}
	})
	return changed
}

// without gives the labels of a meta but those of another, and reports whether
// any was left out.
func without(meta, other fhir.Node) (*labels, bool) {
	var gone, kept labels
	gone.take(other)
	changed := false
	kept.each(meta, func(to *list, identity string, n fhir.Node) {
		from := &gone.tags
		switch to {
		case &kept.profiles:
			from = &gone.profiles
		case &kept.security:
			from = &gone.security
		}
		if from.known[identity] {
			changed = true
			return
		}
		to.add(identity, n.Raw())
	})
	return &kept, changed
}

// appendTo writes the lists as members of an object that began at start.
func (l *labels) appendTo(b []byte, start int) []byte {
	for _, m := range []struct {
		name string
		list *list
	}{{"profile", &l.profiles}, {"security", &l.security}, {"tag", &l.tags}} {
		if len(m.list.values) == 0 {
			continue
		}
		if len(b) > start {
			b = append(b, ',')
		}
		b = append(b, `"`+m.name+`":[`...)
		b = append(b, bytes.Join(m.list.values, []byte{','})...)
		b = append(b, ']')
	}
	return b
}

// metaJSON writes a meta with other labels.
func metaJSON(meta fhir.Node, l *labels) []byte {
	b := []byte{'{'}
	for m := range meta.All() {
		switch m.Name() {
		case "profile", "security", "tag":
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(b, strconv.Quote(m.Name())+":"...)
		b = append(b, m.Raw()...)
	}
	return append(l.appendTo(b, 1), '}')
}

// nothing stands for a meta without content, which R4 forbids, where the answer
// must have one.
const nothing = `{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"not-applicable"}]}`

// answer gives Parameters with one parameter named return.
func answer(meta []byte) *fhir.Response {
	if string(meta) == "{}" {
		meta = []byte(nothing)
	}
	body := slices.Concat([]byte(`{"resourceType":"Parameters","parameter":[{"name":"return","valueMeta":`), meta, []byte(`}]}`))
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}}
}

// meta answers $meta: the meta of a resource or of a version of it, or all
// labels in use on a type or the whole server. Source: R4
// resource-operation-meta.
func meta(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	version, _, err := readMeta(in)
	if err != nil {
		return nil, err
	}
	var response *fhir.Response
	err = s.View(ctx, func(r fhir.Reader) error {
		if on.ID == "" {
			l, err := summary(r, on.Type)
			if err != nil {
				return err
			}
			response = answer(append(l.appendTo([]byte{'{'}, 1), '}'))
			return nil
		}
		found, err := read(r, on, version)
		if err != nil {
			return err
		}
		doc, err := fhir.Parse(found.Body)
		if err != nil {
			return err
		}
		defer doc.Release()
		response = answer(doc.Root().Get("meta").Raw())
		return nil
	})
	return response, err
}

// read gives the current version, or with version > 0 that one; none is deleted.
func read(r fhir.Reader, k fhir.Key, version int64) (*fhir.Resource, error) {
	found, err := r.Read(k)
	if err == nil && version > 0 {
		found, err = r.ReadVersion(k, version)
	}
	if err == nil && found.Deleted {
		err = fhir.Errorf(fhir.IssueDeleted, "", "%s, version %d, is a deletion, which has no meta", k, found.Version)
	}
	return found, err
}

// summary gathers the labels in use on a type, or on all types. It fails with an
// Outcome of IssueTooCostly where there are too many.
func summary(r fhir.Reader, typ string) (*labels, error) {
	sampler, ok := r.(fhir.Sampler)
	if !ok {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "this server can't tell the labels in use on more than one resource")
	}
	var types []string
	if typ != "" {
		types = []string{typ}
	}
	l := &labels{}
	for _, p := range []fhir.Param{
		{Code: "_tag", Kind: fhir.ParamToken}, {Code: "_security", Kind: fhir.ParamToken}, {Code: "_profile", Kind: fhir.ParamURI},
	} {
		keys, err := sampler.Samples(types, p, labelsMax)
		if err != nil {
			return nil, err
		}
		if len(keys) == labelsMax {
			return nil, fhir.Errorf(fhir.IssueTooCostly, "", "there are %d profiles, tags or security labels or more; ask for one type, or for one resource", labelsMax)
		}
		for page := range slices.Chunk(keys, summaryPage) {
			if err := l.read(r, page); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

// read takes the labels of resources.
func (l *labels) read(r fhir.Reader, keys []fhir.Key) error {
	found, err := r.ReadMany(keys)
	if err != nil {
		return err
	}
	for _, f := range found {
		doc, err := fhir.Parse(f.Body)
		if err != nil {
			return err
		}
		l.take(doc.Root().Get("meta"))
		doc.Release()
	}
	return nil
}

// metaAdd answers $meta-add. Source: R4 resource-operation-meta-add.
func metaAdd(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	return revise(ctx, s, on, in, func(now, sent fhir.Node) (*labels, bool) {
		l := &labels{}
		l.take(now)
		return l, l.take(sent)
	})
}

// metaDelete answers $meta-delete; what is not there is no error. Source: R4
// resource-operation-meta-delete.
func metaDelete(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	return revise(ctx, s, on, in, without)
}

// revise changes the labels of a version in place: "executing this operation does
// not cause a new version of the resource to be created".
func revise(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource, change func(now, sent fhir.Node) (*labels, bool)) (*fhir.Response, error) {
	version, sent, err := readMeta(in)
	if err != nil {
		return nil, err
	}
	if sent.Kind() != fhir.KindObject {
		return nil, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "the operation needs a parameter named meta with a valueMeta")
	}
	var response *fhir.Response
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		// Who revises a version waits for the others who do, and adds to what they made of it.
		if err := tx.Lock("meta " + on.String()); err != nil {
			return err
		}
		found, err := read(tx, on, version)
		if err != nil {
			return err
		}
		doc, err := fhir.Parse(found.Body)
		if err != nil {
			return err
		}
		now := doc.Root().Get("meta")
		l, changes := change(now, sent)
		if !changes {
			response = answer(now.Raw())
			return nil
		}
		if max(len(l.tags.values), len(l.security.values), len(l.profiles.values)) > labelsMax {
			return fhir.Errorf(fhir.IssueTooCostly, "", "a resource may bear at most %d labels of a kind", labelsMax)
		}
		reviser, ok := tx.(fhir.Reviser)
		if !ok {
			return fhir.Errorf(fhir.IssueNotSupported, "", "this server can't change the meta of a version")
		}
		anew := metaJSON(now, l)
		edit := fhir.NewEdit(doc)
		edit.Set(doc.Root(), "meta", anew)
		response = answer(anew)
		return reviser.Revise(&fhir.Resource{Key: on, Version: found.Version, Body: edit.Bytes()}, nil, nil)
	})
	return response, err
}

// readMeta reads the parameters of the operations: meta, and the version it is
// about, 0 for the current one.
func readMeta(in *fhir.Resource) (version int64, meta fhir.Node, err error) {
	err = parameters(in, func(name string, p fhir.Node) (err error) {
		switch name {
		case "meta":
			meta = p.Get("valueMeta")
		case "versionId":
			if version, err = strconv.ParseInt(valueOf(p).Text(), 10, 64); err != nil || version < 1 {
				return fhir.Errorf(fhir.IssueValue, "Parameters.parameter", "versionId must be the number of a version, not %.40q", valueOf(p).Text())
			}
		default:
			return fhir.Errorf(fhir.IssueInvalid, "Parameters.parameter", "the operation has no parameter %.60q; it has meta", name)
		}
		return nil
	})
	return version, meta, err
}
