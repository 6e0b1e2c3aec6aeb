package dhis2test

import (
	"fmt"
	"slices"
	"strings"

	"bima/connect/dhis2/object"
)

// limits asks whether categories and combos that were sent are within the limits.
func (t *taking) limits() {
	for _, c := range t.sent["categories"] {
		if n := len(object.Refs(c, "categoryOptions")); n > optionsMost {
			t.refuse("E1126", "category %s has %d options, more than %d", object.Text(c, "code"), n, optionsMost)
		}
	}
	for _, combo := range t.sent["categoryCombos"] {
		categories := object.Refs(combo, "categories")
		if len(categories) > categoriesMost {
			t.refuse("E1127", "combo %s has %d categories, more than %d", object.Text(combo, "code"), len(categories), categoriesMost)
		}
		n := 1
		for _, c := range categories {
			n = min(n, cellsMost+1) * len(object.Refs(t.objects["categories"][c], "categoryOptions"))
		}
		if n > cellsMost {
			t.refuse("E1128", "combo %s has more than %d combinations", object.Text(combo, "code"), cellsMost)
		}
	}
}

// product gives the options of each combination of a combo, in their order, each as
// one text; one more than the limit at most.
func (t *taking) product(combo object.Object) map[string]bool {
	all := []string{""}
	for _, category := range object.Refs(combo, "categories") {
		var next []string
		for _, before := range all {
			for _, option := range object.Refs(t.objects["categories"][category], "categoryOptions") {
				next = append(next, before+" "+option)
			}
		}
		all = next[:min(len(next), cellsMost+1)]
	}
	set := map[string]bool{}
	for _, one := range all {
		set[sorted(strings.Fields(one))] = true
	}
	return set
}

func sorted(ids []string) string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

// cells asks, as from 2.43 on, whether the category option combos that were sent
// are all of their combos, and none else; and that nothing of one is changed but its
// code.
func (t *taking) cells() {
	if t.mode != V243 {
		return
	}
	sent := map[string]map[string]string{} // UIDs by combo and options
	for _, cell := range t.sent["categoryOptionCombos"] {
		combo, id := object.Ref(cell, "categoryCombo"), object.Text(cell, "id")
		options := sorted(object.Refs(cell, "categoryOptions"))
		if sent[combo] == nil {
			sent[combo] = map[string]string{}
		}
		sent[combo][options] = id
		if old := t.Server.objects["categoryOptionCombos"][id]; old != nil &&
			(object.Ref(old, "categoryCombo") != combo || sorted(object.Refs(old, "categoryOptions")) != options) {
			t.refuse("E1134", "category option combo %s: nothing but code and attributes can be changed", id)
		}
		for otherID, other := range t.Server.objects["categoryOptionCombos"] {
			if otherID != id && object.Ref(other, "categoryCombo") == combo && sorted(object.Refs(other, "categoryOptions")) == options {
				t.refuse("E1132", "category option combo %s is there already, as %s", id, otherID)
			}
		}
	}
	for combo, cells := range sent {
		o := t.objects["categoryCombos"][combo]
		wanted := t.product(o)
		for options := range cells {
			if !wanted[options] {
				t.refuse("E1131", "combo %s has no combination of these options", object.Text(o, "code"))
			}
		}
		if len(cells) < len(wanted) {
			t.refuse("E1130", "combo %s has %d combinations, and %d were sent", object.Text(o, "code"), len(wanted), len(cells))
		}
	}
}

// generate makes those category option combos that are wanting, as DHIS2 does after
// an import: with UIDs of its own, and without codes.
func (t *taking) generate() {
	have := map[string]bool{}
	for _, cell := range t.all("categoryOptionCombos") {
		have[object.Ref(cell, "categoryCombo")+"|"+sorted(object.Refs(cell, "categoryOptions"))] = true
	}
	for _, combo := range t.all("categoryCombos") {
		id := object.Text(combo, "id")
		for _, options := range names(t.product(combo)) {
			if have[id+"|"+options] {
				continue
			}
			t.put("categoryOptionCombos", object.Object{
				"id": fmt.Sprintf("gen%08d", len(t.order["categoryOptionCombos"])), "name": options,
				"categoryCombo": object.Object{"id": id}, "categoryOptions": refs(strings.Fields(options)...),
			})
		}
	}
}
