package indicator

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// An Offered is a product that policies are sold of: what one or more versions of
// an InsurancePlan are. It is made by Products.
type Offered struct {
	Key    string // the product's identifier, or the id of the InsurancePlan that has none
	Suffix string // of its option in HF_PROD
	Name   string
}

// A Plan is what is to be known of one InsurancePlan to give it an option.
type Plan struct {
	ID      string // the logical id
	Product string // its identifier of the system …/id/product, "" where it has none
	Name    string
	Status  string // "draft" plans have no option, for nothing is sold of them
	Start   string // InsurancePlan.period.start, "2026-01-01"
}

// Key gives by what the versions of a product are told from others.
func (p Plan) Key() string { return cmp.Or(p.Product, p.ID) }

// productsMax is how many products have an option of their own.
const productsMax = OptionsMax - 1

// Products gives the products that have an option of their own: the first 49 by
// the day they began, so that a new one never takes the place of another; the
// rest is OTHER. All versions of a product are one.
func Products(plans []Plan) []Offered {
	first := map[string]Plan{}
	for _, p := range plans {
		if p.Status == "draft" || p.Key() == "" {
			continue
		}
		if was, known := first[p.Key()]; !known || earlier(p, was) < 0 {
			first[p.Key()] = p
		}
	}
	list := make([]Plan, 0, len(first))
	for _, p := range first {
		list = append(list, p)
	}
	slices.SortFunc(list, earlier)
	products := make([]Offered, 0, min(len(list), productsMax))
	for _, p := range list[:min(len(list), productsMax)] {
		products = append(products, Offered{Key: p.Key(), Suffix: suffix(p.Key()), Name: cmp.Or(p.Name, p.Key())})
	}
	return products
}

// earlier orders plans by the day they began; one without began before all.
func earlier(a, b Plan) int {
	return cmp.Or(strings.Compare(a.Start, b.Start), strings.Compare(a.Key(), b.Key()), strings.Compare(a.ID, b.ID))
}

const (
	suffixMax  = 20
	hashDigits = 6
)

// suffix makes a suffix of a key: the key itself where it is short capitals and
// digits, else as much as can be kept and a hash that tells it from others.
func suffix(key string) string {
	if len(key) <= suffixMax && key != Other && strings.Trim(key, capitals+"_") == "" && strings.Trim(key, "_") == key {
		return key
	}
	var b strings.Builder
	for _, r := range strings.ToUpper(key) {
		if !strings.ContainsRune(capitals, r) {
			r = '_'
		}
		b.WriteRune(r)
		if b.Len() == suffixMax-hashDigits-1 {
			break
		}
	}
	sum := sha256.Sum256([]byte(key))
	return strings.TrimLeft(strings.Trim(b.String(), "_")+"_"+strings.ToUpper(hex.EncodeToString(sum[:hashDigits/2])), "_")
}

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// offered gives the category of products.
func offered(products []Offered) Category {
	c := Category{Code: Product, Name: "Product"}
	for _, p := range products {
		c.add(p.Suffix, p.Name)
	}
	c.add(Other, "Other")
	return c
}
