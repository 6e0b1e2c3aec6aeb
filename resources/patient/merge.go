package patient

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/r4"
	"bima/profiles"
)

// detailMerge tells why two records can't be merged.
const detailMerge fhir.Detail = "merge"

func (s Settings) mergeOperation() fhir.Operation {
	return fhir.Operation{
		Code: "merge", Types: []string{"Patient"}, Type: true, Affects: true,
		Definition: profiles.Canonical + "/OperationDefinition/Patient-merge", Handle: s.merge,
	}
}

// errPreview takes a merge back that was only to be looked at.
var errPreview = errors.New("a preview is not kept")

// merge is Patient/$merge, after R5's operation of the name: of two records of one
// person the source is given up for the target. What is of the past, such as
// claims, keeps the name it was made under; the links lead on. What lives goes
// over: identifiers, the place in the family, cover, what is owed, and what was
// used of it.
func (s Settings) merge(ctx context.Context, server fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	form, err := parameters.Of(in)
	if err == nil {
		err = form.Only("source-patient", "source-patient-identifier", "target-patient", "target-patient-identifier", "preview")
	}
	if err != nil {
		return nil, err
	}
	preview, err := form.Flag("preview")
	if err != nil {
		return nil, err
	}
	var m *merging
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		m = &merging{Settings: s, tx: tx, today: tx.Now().In(s.zone()).Format(time.DateOnly)}
		if err := m.find(form); err != nil {
			return err
		}
		if err := m.check(); err != nil {
			return err
		}
		if err := m.do(); err != nil {
			return err
		}
		if preview {
			return errPreview
		}
		return nil
	})
	if err != nil && !errors.Is(err, errPreview) {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: m.answer(form, preview)}}, nil
}

// A merging is one merge under way.
type merging struct {
	Settings
	tx             fhir.Tx
	today          string
	source, target record
	result         []byte
	changed        []fhir.Key
}

// A record is one of the two Patients, with what lives under it.
type record struct {
	key       fhir.Key
	node      fhir.Node
	coverages []fhir.Node
	family    fhir.Node
}

func mergeRefusal(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailMerge, expression, format, args...)
}

// find finds the two records.
func (m *merging) find(form parameters.Form) error {
	var err error
	if m.source.key, err = one(m.tx, form, "source-patient"); err != nil {
		return err
	}
	if m.target.key, err = one(m.tx, form, "target-patient"); err != nil {
		return err
	}
	if m.source.key == m.target.key {
		return mergeRefusal(parameters.Expression("target-patient"), "source and target are the same, %s", m.target.key)
	}
	if err := m.tx.Lock(m.source.key.String(), m.target.key.String()); err != nil {
		return err
	}
	for _, r := range []*record{&m.source, &m.target} {
		if r.node, err = fhir.Tree(m.tx, r.key); err != nil {
			return err
		}
		if r.coverages, err = m.search("Coverage", "beneficiary", r.key); err != nil {
			return err
		}
		if r.family, err = familyOf(m.tx, r.key); err != nil {
			return err
		}
	}
	return nil
}

// one gives the Patient that a parameter, or one of its identifiers, means.
func one(r fhir.Reader, form parameters.Form, name string) (fhir.Key, error) {
	if len(form.All(name)) > 0 {
		return form.Key(r, name, "Patient")
	}
	keys, err := form.Keys(r, name+"-identifier", "Patient")
	if err != nil {
		return fhir.Key{}, err
	}
	if len(keys) == 0 {
		return fhir.Key{}, fhir.Errorf(fhir.IssueRequired, parameters.Expression(name), "name the record by %s or %s-identifier", name, name)
	}
	for _, k := range keys[1:] {
		if k != keys[0] {
			return fhir.Key{}, fhir.Errorf(fhir.IssueMultipleMatches, parameters.Expression(name+"-identifier"), "the identifiers belong to %s and to %s", keys[0], k)
		}
	}
	return keys[0], nil
}

// partsMax bounds how many resources of a kind go over in one merge.
const partsMax = 200

// search gives the resources of a type that refer to a person.
func (m *merging) search(typ, param string, person fhir.Key) ([]fhir.Node, error) {
	page, err := m.tx.Search(&fhir.Query{
		Types: []string{typ}, Limit: partsMax,
		Where: fhir.Match{Param: fhir.Param{Code: param, Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: person}},
	})
	if err != nil {
		return nil, err
	}
	if page.Next != "" {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "%s has more than %d resources of type %s, too many to go over in one merge", person, partsMax, typ)
	}
	list := make([]fhir.Node, len(page.Resources))
	for i, found := range page.Resources {
		doc, err := fhir.Parse(found.Body)
		if err != nil {
			return nil, err
		}
		list[i] = doc.Root()
	}
	return list, nil
}

// check refuses what can't be merged.
func (m *merging) check() error {
	source, target := parameters.Expression("source-patient"), parameters.Expression("target-patient")
	switch {
	case replaced(m.source.node):
		return mergeRefusal(source, "%s was merged before; its link says into which record", m.source.key)
	case replaced(m.target.node):
		return mergeRefusal(target, "%s was merged into another record, which its link names; merge into that one", m.target.key)
	case m.target.node.Get("active").Text() == "false":
		return mergeRefusal(target, "%s is not active; merge into the record that is in use", m.target.key)
	case m.covered(m.source) && m.covered(m.target):
		return mergeRefusal(source, "both records have cover in force; cancel or end one of the policies first")
	}
	return m.checkFamilies(source)
}

// checkFamilies refuses to take the head from a family that goes on.
func (m *merging) checkFamilies(expression string) error {
	if !m.source.family.Exists() || !m.target.family.Exists() {
		return nil
	}
	members := 0
	head := false
	for row := range m.source.family.Get("member").Each() {
		if row.Get("inactive").Text() == "true" {
			continue
		}
		members++
		if r4.Target(row.Get("entity")) == m.source.key {
			head = row.Extension(profiles.ExtensionGroupHead).Get("valueBoolean").Text() == "true"
		}
	}
	if head && members > 1 {
		return mergeRefusal(expression, "%s is head of the family %s; make another member the head first ($change-head)",
			m.source.key, m.source.family.Identifier(profiles.IdentifierFamily))
	}
	return nil
}

// covered reports whether a person has cover in force today, or to come.
func (m *merging) covered(r record) bool {
	for _, c := range r.coverages {
		end := c.At("period", "end").Text()
		if c.Get("status").Text() == "active" && (end == "" || end[:min(len(end), len(time.DateOnly))] >= m.today) {
			return true
		}
	}
	return false
}

// do does the merge, in the transaction.
func (m *merging) do() error {
	if err := m.giveUp(); err != nil {
		return err
	}
	if err := m.takeOver(); err != nil {
		return err
	}
	if err := m.families(); err != nil {
		return err
	}
	if err := m.cover(); err != nil {
		return err
	}
	return m.record()
}

// write stores a resource, and notes that it was changed.
func (m *merging) write(k fhir.Key, body []byte) ([]byte, error) {
	stored, err := m.tx.Update(&fhir.Resource{Key: k, Body: body}, 0)
	if err != nil {
		return nil, err
	}
	m.changed = append(m.changed, k)
	return stored.Body, nil
}

// answer tells what was done, or would be.
func (m *merging) answer(form parameters.Form, preview bool) []byte {
	var names []string
	for _, k := range m.changed {
		names = append(names, k.String())
	}
	did := "was merged into"
	if preview {
		did = "would be merged into"
	}
	text := fmt.Sprintf("%s %s %s; changed: %s.", m.source.key, did, m.target.key, strings.Join(names, ", "))
	input := ""
	if form.Root().Exists() {
		input = fmt.Sprintf(`{"name":"input","resource":%s},`, form.Root().Raw())
	}
	return fmt.Appendf(nil, `{"resourceType":"Parameters","parameter":[%s{"name":"outcome","resource":{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational","diagnostics":%s}]}},{"name":"result","resource":%s}]}`,
		input, quote(text), m.result)
}
