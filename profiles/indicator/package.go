package indicator

import (
	"fmt"
	"slices"
)

// A Package is the whole set of indicators of one scheme. It is immutable and
// safe for concurrent use.
type Package struct {
	Categories []Category
	Combos     []Combo
	DataSets   []DataSet
	Elements   []Element // in the order of the data sets

	bands    []int
	byCode   map[string]*Category
	products map[string]string // suffixes by Offered.Key
}

// Options are what differs from scheme to scheme.
type Options struct {
	// Ages are the years in which the second and each later band of age begins;
	// none is those of openIMIS: 6, 13, 19, 26, 36, 56 and 76.
	Ages []int
	// Products are those with an option of their own; see Products.
	Products []Offered
}

// bandsMax bounds the bands of age, so that no combo has more than CellsMax cells.
const bandsMax = 20

// New makes the package. It fails where the ages do not rise from 1 on, or are
// more than 20.
func New(o Options) (*Package, error) {
	bands := o.Ages
	if len(bands) == 0 {
		bands = bandsDefault
	}
	if len(bands) > bandsMax {
		return nil, fmt.Errorf("%d bands of age are more than %d", len(bands), bandsMax)
	}
	for i, year := range bands {
		if year < 1 || year > 120 || i > 0 && year <= bands[i-1] {
			return nil, fmt.Errorf("the ages %v do not rise from 1 to 120", bands)
		}
	}
	if len(o.Products) > productsMax {
		return nil, fmt.Errorf("%d products are more than the %d that have an option of their own", len(o.Products), productsMax)
	}
	p := &Package{
		Categories: categories(bands, o.Products), Combos: combos(), DataSets: dataSets(), Elements: elements(),
		bands: slices.Clone(bands), byCode: map[string]*Category{}, products: map[string]string{},
	}
	for i := range p.Categories {
		p.byCode[p.Categories[i].Code] = &p.Categories[i]
	}
	for _, product := range o.Products {
		p.products[product.Key] = product.Suffix
	}
	return p, nil
}

// Category finds a category by its code; nil where there is none.
func (p *Package) Category(code string) *Category { return p.byCode[code] }

// Combo finds a combo by its code; DefaultCombo is none of them.
func (p *Package) Combo(code string) (Combo, bool) {
	i := slices.IndexFunc(p.Combos, func(c Combo) bool { return c.Code == code })
	if i < 0 {
		return Combo{}, false
	}
	return p.Combos[i], true
}

// Element finds a data element by its code.
func (p *Package) Element(code string) (Element, bool) {
	i := slices.IndexFunc(p.Elements, func(e Element) bool { return e.Code == code })
	if i < 0 {
		return Element{}, false
	}
	return p.Elements[i], true
}

// DataSet finds a data set by its code, "HF_ENROL", or by the id of its Measure.
func (p *Package) DataSet(code string) (DataSet, bool) {
	i := slices.IndexFunc(p.DataSets, func(d DataSet) bool { return d.Code == code || d.Measure == code })
	if i < 0 {
		return DataSet{}, false
	}
	return p.DataSets[i], true
}

// DataSets gives those of every package.
func DataSets() []DataSet { return dataSets() }

// Of gives the elements of a data set, in their order.
func (p *Package) Of(dataSet string) []Element {
	var list []Element
	for _, e := range p.Elements {
		if e.DataSet == dataSet {
			list = append(list, e)
		}
	}
	return list
}

// Product gives the suffix of the option of a product by its key (see Plan.Key);
// OTHER where it has none of its own.
func (p *Package) Product(key string) string {
	if suffix, ok := p.products[key]; ok {
		return suffix
	}
	return Other
}
