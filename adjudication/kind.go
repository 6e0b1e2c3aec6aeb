package adjudication

import (
	"strings"

	"bima/profiles"
)

// kinds are openIMIS's categories of services, in the order in which one of them
// makes the category of a claim: surgery, delivery, antenatal care, admission,
// consultation, other, visit.
const kinds = "SDAHCOV"

// kind gives the category of a claim: the first of the categories of its services,
// of which a stay of more than a day is an admission, and a claim without any a
// visit. Counts and amounts of openIMIS's categories go by it, whatever the
// category of a single line. It reports whether a service has one.
// Source: openIMIS base category.
func (c *Case) kind() (kind Code, classed bool) {
	first := len(kinds) - 1
	if c.stay() {
		first = strings.IndexByte(kinds, 'H')
	}
	for i := range c.Lines {
		if c.Lines[i].Tariff == nil {
			continue
		}
		for _, category := range c.Lines[i].Tariff.Categories {
			if n := strings.Index(kinds, category.Code); category.isKind() && n >= 0 {
				first, classed = min(first, n), true
			}
		}
	}
	return Code{System: profiles.SystemOpenIMISServiceKind, Code: kinds[first : first+1]}, classed
}

// isKind reports whether a category is one of openIMIS's.
func (c Code) isKind() bool {
	return c.System == profiles.SystemOpenIMISServiceKind && len(c.Code) == 1
}

// service reports whether the line is of one of openIMIS's categories: drugs and the
// like are not, so no count refuses them.
func (t *trial) service() bool {
	for _, category := range t.categories() {
		if category.isKind() {
			return true
		}
	}
	return false
}
