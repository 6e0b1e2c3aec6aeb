package measure

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
	"bima/profiles/indicator"
)

// A scheme is what is read once before places are counted.
type scheme struct {
	*counter
	pkg      *indicator.Package
	tree     *tree
	plans    map[fhir.Key]string // InsurancePlans: their option in HF_PROD
	services map[string]string   // codes of services: their option in HF_SVC
	currency string
	persons  map[fhir.Key]person // a few that were read before; see recall

	census    *census           // nil where persons are looked up
	strangers map[fhir.Key]bool // who are looked up all the same
}

// scheme reads it.
func (c *counter) scheme(r fhir.Reader) (*scheme, error) {
	s := &scheme{counter: c, plans: map[fhir.Key]string{}, services: map[string]string{}, currency: c.Currency, persons: map[fhir.Key]person{}}
	var err error
	if s.tree, err = readTree(r); err != nil {
		return nil, err
	}
	if err = s.readPlans(r); err != nil {
		return nil, err
	}
	return s, s.readServices(r)
}

func (s *scheme) readPlans(r fhir.Reader) error {
	var plans []indicator.Plan
	currencies := map[string]string{}
	err := each(r, "InsurancePlan", nil, func(p stored) error {
		plan := indicator.Plan{
			ID: strings.Clone(p.ID), Product: strings.Clone(p.node.Identifier(profiles.IdentifierProduct)), Name: strings.Clone(p.node.Get("name").Text()),
			Status: strings.Clone(p.node.Get("status").Text()), Start: strings.Clone(p.node.At("period", "start").Text()),
		}
		plans = append(plans, plan)
		currencies[plan.ID] = strings.Clone(currencyIn(p.node.Get("plan")))
		return nil
	})
	if err != nil {
		return err
	}
	if s.pkg, err = indicator.New(indicator.Options{Ages: s.Ages, Products: indicator.Products(plans)}); err != nil {
		return err
	}
	slices.SortFunc(plans, func(a, b indicator.Plan) int {
		return cmp.Or(strings.Compare(a.Start, b.Start), strings.Compare(a.ID, b.ID))
	})
	for _, p := range plans {
		s.plans[fhir.Key{Type: "InsurancePlan", ID: p.ID}] = s.pkg.Product(p.Key())
		s.currency = cmp.Or(s.currency, currencies[p.ID])
	}
	return nil
}

// currencyIn gives the first currency that is named below a node.
func currencyIn(n fhir.Node) string {
	switch n.Kind() {
	case fhir.KindObject:
		if c := n.Get("currency"); c.Kind() == fhir.KindString {
			return c.Text()
		}
		fallthrough
	case fhir.KindArray:
		for m := range n.All() {
			if c := currencyIn(m); c != "" {
				return c
			}
		}
	}
	return ""
}

// readServices reads which kind each service of the register is of: an option of
// HF_SVC where its tariff names one, else by openIMIS's kinds.
func (s *scheme) readServices(r fhir.Reader) error {
	return each(r, "ChargeItemDefinition", nil, func(d stored) error {
		group, service, item := "", "", ""
		for use := range d.node.Get("useContext").Each() {
			concept := use.Get("valueCodeableConcept")
			group = cmp.Or(group, strings.TrimPrefix(concept.Code(indicator.SystemOption), indicator.Service+"_"))
			service = cmp.Or(service, concept.Code(profiles.SystemOpenIMISServiceKind))
			item = cmp.Or(item, concept.Code(profiles.SystemOpenIMISMedicationKind))
		}
		if _, known := s.pkg.Category(indicator.Service).Option(group); !known {
			group = indicator.ServiceGroup(service, item)
		}
		for coding := range d.node.At("code", "coding").Each() {
			code := strings.Clone(coding.Get("code").Text())
			if had, known := s.services[code]; !known || had == indicator.Other {
				s.services[code] = strings.Clone(group)
			}
		}
		return nil
	})
}

// fingerprint is another where all must be counted anew: the places, the products,
// the kinds of services or the settings are others.
func (s *scheme) fingerprint() int64 {
	sum := fnv.New64a()
	var lines []string
	for k, p := range s.tree.places {
		lines = append(lines, fmt.Sprint("place ", k, p.name, "|", p.level, "|", p.parent))
	}
	for k, suffix := range s.plans {
		lines = append(lines, fmt.Sprint("plan ", k, suffix))
	}
	for code, group := range s.services {
		lines = append(lines, fmt.Sprint("service ", code, group))
	}
	slices.Sort(lines)
	fmt.Fprint(sum, lines, s.Zone, s.SmallCells, s.Ages, s.Level, s.GraceDays, s.currency)
	return int64(binary.BigEndian.Uint64(sum.Sum(nil)) >> 1)
}

// ward gives the unit that membership of a place is counted by, district the one of
// contributions.
func (s *scheme) ward(k fhir.Key) fhir.Key     { return s.tree.up(k, s.Level, k) }
func (s *scheme) district(k fhir.Key) fhir.Key { return s.tree.up(k, levelDistrict, k) }

// amount gives a Money as ten-thousandths where it is of the scheme's currency.
func (s *scheme) amount(money fhir.Node) (int64, bool) {
	if c := money.Get("currency").Text(); c != "" && s.currency != "" && c != s.currency {
		return 0, false
	}
	v, err := fhir.ParseAmount(money.Get("value").Text())
	return int64(v), err == nil
}

// product gives the option of HF_PROD of a plan that a Reference names.
func (s *scheme) product(reference fhir.Node) string {
	if suffix, ok := s.plans[r4.Target(reference)]; ok {
		return suffix
	}
	return indicator.Other
}

// The data sets: of facilities, of wards and of districts.
const (
	setClaims = "HF_CLAIM"
	setEnrol  = "HF_ENROL"
	setFin    = "HF_FIN"
)

// A unit is a place with one of the data sets that are counted of it.
type unit struct {
	set   string // the code of the data set
	place fhir.Key
}

// count counts a unit for some months.
func (s *scheme) count(r fhir.Reader, u unit, months []month) (book, error) {
	b := newBook(months)
	if len(months) == 0 {
		return b, nil
	}
	if u.set == setClaims {
		return b, s.facility(r, u.place, b)
	}
	h, books := s.residence(map[unit][]month{u: months})
	if err := h.unit(r, u); err != nil {
		return nil, err
	}
	h.count()
	return books[u], nil
}

// units gives all units of a data set.
func (s *scheme) units(r fhir.Reader, d indicator.DataSet) ([]unit, error) {
	var list []unit
	if d.Unit == indicator.Facility {
		keys, err := facilities(r)
		for _, k := range keys {
			list = append(list, unit{d.Code, k})
		}
		return list, err
	}
	of := s.ward
	if d.Unit == indicator.District {
		of = s.district
	}
	seen := map[fhir.Key]bool{}
	for k := range s.tree.places {
		if u := of(k); !seen[u] {
			seen[u] = true
			list = append(list, unit{d.Code, u})
		}
	}
	return list, nil
}
