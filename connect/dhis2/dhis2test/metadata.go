package dhis2test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"bima/connect/dhis2/object"
)

// plurals are the kinds of objects that can be imported, in the order DHIS2 takes
// them, so that each refers to what was taken before or to its own kind.
var plurals = []string{
	"organisationUnits", "organisationUnitLevels", "organisationUnitGroups", "organisationUnitGroupSets", "categoryOptions", "categories", "categoryCombos", "categoryOptionCombos",
	"dataElements", "dataElementGroups", "dataSets", "indicatorTypes", "indicators", "indicatorGroups",
}

// The limits of DHIS2 from 2.41 on. Source: dhis.conf (metadata.categories.*).
const (
	optionsMost    = 50
	categoriesMost = 5
	cellsMost      = 500
)

const (
	codeMost      = 50
	shortNameMost = 50
	nameMost      = 230
)

var uid = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{10}$`)

// A package of metadata on its way in.
type taking struct {
	*exchange
	objects map[string]map[string]object.Object // with those that were there
	sent    map[string][]object.Object
	errors  []any
}

// postMetadata answers POST /api/metadata: all of it or nothing.
func (x *exchange) postMetadata() {
	if !x.may("F_METADATA_IMPORT") {
		x.fail(http.StatusForbidden, "Access is denied")
		return
	}
	t := &taking{exchange: x, objects: map[string]map[string]object.Object{}, sent: map[string][]object.Object{}}
	if err := t.read(); err != nil {
		x.fail(http.StatusBadRequest, err.Error())
		return
	}
	for _, plural := range plurals {
		for _, o := range t.sent[plural] {
			t.identity(plural, o)
			t.references(plural, o)
			t.required(plural, o)
		}
	}
	t.limits()
	t.cells()
	created, updated := 0, 0
	if len(t.errors) == 0 {
		created, updated = t.commit(!strings.EqualFold(x.r.URL.Query().Get("importMode"), "VALIDATE"))
	}
	status, level := http.StatusOK, "OK"
	if len(t.errors) > 0 {
		status, level = http.StatusConflict, "ERROR"
	}
	total := 0
	for _, list := range t.sent {
		total += len(list)
	}
	ignored := total - created - updated
	x.report(status, level, "", object.Object{
		"responseType": "ImportReport", "status": level,
		"stats":       object.Object{"created": created, "updated": updated, "deleted": 0, "ignored": ignored, "total": total},
		"typeReports": []any{object.Object{"klass": "org.hisp.dhis", "objectReports": []any{object.Object{"errorReports": t.errors}}}},
	})
}

// read reads the body, and beside it what is there.
func (t *taking) read() error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(t.body, &all); err != nil {
		return fmt.Errorf("the body is no metadata: %w", err)
	}
	for plural, known := range t.Server.objects {
		t.objects[plural] = maps.Clone(known)
	}
	for _, plural := range plurals {
		if all[plural] == nil {
			continue
		}
		var list []object.Object
		if err := json.Unmarshal(all[plural], &list); err != nil {
			return fmt.Errorf("%s is no list of objects: %w", plural, err)
		}
		t.sent[plural] = list
		if t.objects[plural] == nil {
			t.objects[plural] = map[string]object.Object{}
		}
		for _, o := range list {
			t.objects[plural][object.Text(o, "id")] = o
		}
	}
	return nil
}

func (t *taking) refuse(code, format string, args ...any) {
	t.errors = append(t.errors, object.Object{"errorCode": code, "message": fmt.Sprintf(format, args...)})
}

// identity asks for UIDs, and for codes and names that are one's own.
func (t *taking) identity(plural string, o object.Object) {
	id, code := object.Text(o, "id"), object.Text(o, "code")
	if !uid.MatchString(id) {
		t.refuse("E4014", "%s: %q is no UID", plural, id)
	}
	for property, most := range map[string]int{"code": codeMost, "shortName": shortNameMost, "name": nameMost} {
		if text := []rune(object.Text(o, property)); len(text) > most {
			t.refuse("E4001", "%s %s: %s is longer than %d", plural, code, property, most)
		}
	}
	unique := []string{"code"}
	if plural != "organisationUnits" && plural != "categoryOptionCombos" {
		unique = append(unique, "name")
	}
	for otherID, other := range t.objects[plural] {
		for _, property := range unique {
			if text := object.Text(o, property); otherID != id && text != "" && object.Text(other, property) == text {
				t.refuse("E5003", "%s: %s %q is of %s and %s", plural, property, text, id, otherID)
			}
		}
	}
}

// pointers are the members that refer to other objects.
var pointers = map[string]string{
	"parent": "organisationUnits", "organisationUnits": "organisationUnits", "categoryOptions": "categoryOptions", "categories": "categories",
	"categoryCombo": "categoryCombos", "dataElement": "dataElements", "dataElements": "dataElements", "indicatorType": "indicatorTypes",
	"dataSetElements": "", "indicators": "indicators", "organisationUnitGroups": "organisationUnitGroups",
}

// references asks for what an object refers to.
func (t *taking) references(plural string, o object.Object) {
	for name, value := range o {
		to, pointer := pointers[name]
		if !pointer {
			continue
		}
		list, many := value.([]any)
		if !many {
			list = []any{value}
		}
		for _, e := range list {
			inner, ok := e.(object.Object)
			switch id := object.Text(inner, "id"); {
			case !ok:
				t.refuse("E4015", "%s %s: %s is no reference", plural, object.Text(o, "id"), name)
			case to == "":
				t.references(plural, inner)
			case t.objects[to][id] == nil:
				t.refuse("E5002", "%s %s: %s refers to %s, which is not there", plural, object.Text(o, "id"), name, id)
			}
		}
	}
}

// requirements are what an object of a kind must have.
var requirements = map[string][]string{
	"organisationUnits":         {"name", "shortName", "openingDate"},
	"categoryOptions":           {"name", "shortName"},
	"categories":                {"name", "shortName", "dataDimensionType"},
	"categoryCombos":            {"name", "dataDimensionType"},
	"dataElements":              {"name", "shortName", "domainType", "valueType", "aggregationType"},
	"dataSets":                  {"name", "shortName", "periodType"},
	"indicatorTypes":            {"name", "factor"},
	"organisationUnitGroups":    {"name", "shortName"},
	"organisationUnitGroupSets": {"name", "shortName"},
	"dataElementGroups":         {"name", "shortName"},
	"indicatorGroups":           {"name"},
	"indicators":                {"name", "shortName", "indicatorType", "numerator", "denominator"},
}

func (t *taking) required(plural string, o object.Object) {
	for _, name := range requirements[plural] {
		if o[name] == nil || o[name] == "" {
			t.refuse("E4000", "%s %s: %s is missing", plural, object.Text(o, "code"), name)
		}
	}
}

// commit keeps what was sent: whole objects take the place of those before.
func (t *taking) commit(keep bool) (created, updated int) {
	for _, plural := range plurals {
		for _, o := range t.sent[plural] {
			if t.Server.objects[plural][object.Text(o, "id")] == nil {
				created++
			} else {
				updated++
			}
			if keep {
				t.put(plural, o)
			}
		}
	}
	if keep {
		t.generate()
	}
	return created, updated
}

// names gives the keys of a set in their order.
func names(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
