package patient

import (
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// unique reports whether an identifier belongs to one person only.
func unique(system string) bool {
	return system == profiles.IdentifierInsuranceNumber || system == profiles.IdentifierNational
}

// An object is a JSON object that is written member by member.
type object struct{ body []byte }

func (o *object) set(name string, value []byte) {
	if len(o.body) == 0 {
		o.body = append(o.body, '{')
	} else {
		o.body = append(o.body, ',')
	}
	o.body = append(append(append(o.body, quote(name)...), ':'), value...)
}

func (o *object) bytes() []byte { return append(o.body, '}') }

func array(values [][]byte) []byte {
	b := []byte{'['}
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, v...)
	}
	return append(b, ']')
}

func raws(list fhir.Node) [][]byte {
	var all [][]byte
	for n := range list.Each() {
		all = append(all, n.Raw())
	}
	return all
}

func link(to fhir.Key, typ string) []byte {
	return fmt.Appendf(nil, `{"other":{"reference":%q},"type":%q}`, to.String(), typ)
}

// giveUp makes the source inactive, with a link to the target. The numbers that
// belong to one person only go over; without them it claims no profile of the
// scheme any more.
func (m *merging) giveUp() error {
	var o object
	var kept [][]byte
	for i := range m.source.node.Get("identifier").Each() {
		if !unique(i.Get("system").Text()) {
			kept = append(kept, i.Raw())
		}
	}
	for part := range m.source.node.All() {
		switch name := part.Name(); name {
		case "identifier", "active", "link":
		case "meta":
			o.set(name, withoutProfile(part))
		default:
			o.set(name, part.Raw())
		}
	}
	if len(kept) > 0 {
		o.set("identifier", array(kept))
	}
	o.set("active", []byte("false"))
	o.set("link", array(append(raws(m.source.node.Get("link")), link(m.target.key, "replaced-by"))))
	_, err := m.write(m.source.key, o.bytes())
	return err
}

func withoutProfile(meta fhir.Node) []byte {
	var o object
	for part := range meta.All() {
		if part.Name() != "profile" {
			o.set(part.Name(), part.Raw())
		}
	}
	return o.bytes()
}

// takeOver gives the target the identifiers of the source, as old ones where it
// has one of the system, and a link to it.
func (m *merging) takeOver() error {
	identifiers := raws(m.target.node.Get("identifier"))
	for i := range m.source.node.Get("identifier").Each() {
		system := i.Get("system").Text()
		if has(m.target.node, i) {
			continue
		}
		if m.target.node.Identifier(system) == "" {
			identifiers = append(identifiers, i.Raw())
			continue
		}
		var old object
		old.set("use", quote("old"))
		for part := range i.All() {
			if part.Name() != "use" {
				old.set(part.Name(), part.Raw())
			}
		}
		identifiers = append(identifiers, old.bytes())
	}
	e := fhir.NewEdit(m.target.node.Document())
	if len(identifiers) > 0 {
		e.Set(m.target.node, "identifier", array(identifiers))
	}
	e.Set(m.target.node, "link", array(append(raws(m.target.node.Get("link")), link(m.source.key, "replaces"))))
	var err error
	m.result, err = m.write(m.target.key, e.Bytes())
	return err
}

func has(patient, identifier fhir.Node) bool {
	for i := range patient.Get("identifier").Each() {
		if i.Get("system").Text() == identifier.Get("system").Text() && i.Get("value").Text() == identifier.Get("value").Text() {
			return true
		}
	}
	return false
}

// families puts the target in the place of the source in its family; where the
// target is in one already, the source leaves his.
func (m *merging) families() error {
	if !m.source.family.Exists() {
		return nil
	}
	root := m.source.family
	e := fhir.NewEdit(root.Document())
	left := 0
	for row := range root.Get("member").Each() {
		if row.Get("inactive").Text() == "true" {
			continue
		}
		if r4.Target(row.Get("entity")) != m.source.key {
			left++
			continue
		}
		if !m.target.family.Exists() {
			e.Replace(row.At("entity", "reference"), quote(m.target.key.String()))
			left++
			continue
		}
		period := fmt.Appendf(nil, `{"end":%q}`, m.today)
		if start := row.At("period", "start").Text(); start != "" {
			period = fmt.Appendf(nil, `{"start":%q,"end":%q}`, start, max(m.today, start))
		}
		e.Set(row, "period", period)
		e.Set(row, "inactive", []byte("true"))
	}
	if left == 0 {
		e.Set(root, "active", []byte("false"))
	}
	if quantity := root.Get("quantity"); quantity.Exists() {
		e.Replace(quantity, fmt.Appendf(nil, "%d", left))
	}
	_, err := m.write(fhir.Key{Type: "Group", ID: root.Get("id").Text()}, e.Bytes())
	return err
}

// cover takes over memberships, with their policies and what was used of them,
// and what is still to be paid.
func (m *merging) cover() error {
	var contracts []fhir.Key
	accounts := []string{m.source.key.String()}
	for _, c := range m.source.coverages {
		if c.Get("status").Text() == "entered-in-error" {
			continue
		}
		k := fhir.Key{Type: "Coverage", ID: c.Get("id").Text()}
		accounts = append(accounts, k.String()+"|"+m.source.key.String())
		for ref := range c.Get("contract").Each() {
			if contract := r4.Target(ref); contract.Type == "Contract" && !slices.Contains(contracts, contract) {
				contracts = append(contracts, contract)
				accounts = append(accounts, contract.String()+"|"+m.source.key.String())
			}
		}
		if err := m.rewrite(k, c); err != nil {
			return err
		}
	}
	for _, k := range contracts {
		n, err := fhir.Tree(m.tx, k)
		if err != nil {
			return err
		}
		if n.Exists() {
			if err := m.rewrite(k, n); err != nil {
				return err
			}
		}
	}
	invoices, err := m.search("Invoice", "subject", m.source.key)
	if err != nil {
		return err
	}
	for _, n := range invoices {
		if status := n.Get("status").Text(); status == "draft" || status == "issued" {
			if err := m.rewrite(fhir.Key{Type: "Invoice", ID: n.Get("id").Text()}, n); err != nil {
				return err
			}
		}
	}
	return m.use(accounts)
}

// rewrite makes the references to the source in a resource refer to the target.
func (m *merging) rewrite(k fhir.Key, n fhir.Node) error {
	e := fhir.NewEdit(n.Document())
	found := false
	m.each(n, func(reference fhir.Node) {
		found = true
		e.Replace(reference, quote(m.target.key.String()))
	})
	if !found {
		return nil
	}
	_, err := m.write(k, e.Bytes())
	return err
}

// each finds the references to the source within an element. The tree is bounded
// by fhir.DepthMax.
func (m *merging) each(n fhir.Node, do func(fhir.Node)) {
	for part := range n.All() {
		switch part.Kind() {
		case fhir.KindObject, fhir.KindArray:
			m.each(part, do)
		case fhir.KindString:
			if part.Name() == "reference" && r4.Target(n) == m.source.key {
				do(part)
			}
		}
	}
}

// use carries over what the source has used of limits and ceilings, as of the
// last day of each: the claims it comes from stay as they were made.
func (m *merging) use(accounts []string) error {
	used, err := m.tx.Tally(fhir.Tally{Accounts: accounts})
	if err != nil || len(used) == 0 {
		return err
	}
	entries := make([]fhir.Entry, 0, len(used))
	for _, u := range used {
		account := u.Account[:len(u.Account)-len(m.source.key.String())] + m.target.key.String()
		entries = append(entries, fhir.Entry{Account: account, Bucket: u.Bucket, Day: u.LastDay, Value: u.Value})
	}
	return m.tx.Post(m.source.key, entries)
}

// record notes who merged what into what.
func (m *merging) record() error {
	targets := make([][]byte, len(m.changed))
	for i, k := range m.changed {
		targets[i] = fmt.Appendf(nil, `{"reference":%q}`, k.String())
	}
	who := fmt.Appendf(nil, `{"display":%s}`, quote(m.tx.Caller().Name))
	if k := m.tx.Caller().Entity; !k.IsZero() {
		who = fmt.Appendf(nil, `{"reference":%q}`, k.String())
	}
	body := fmt.Appendf(nil, `{"resourceType":"Provenance","target":%s,"recorded":%q,"activity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle","code":"merge"}]},"agent":[{"who":%s}],"entity":[{"role":"source","what":{"reference":%q}}]}`,
		array(targets), m.tx.Now().UTC().Format("2006-01-02T15:04:05.000Z"), who, m.source.key.String())
	_, err := m.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Provenance"}, Body: body})
	return err
}
