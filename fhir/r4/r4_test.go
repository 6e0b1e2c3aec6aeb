package r4_test

import (
	"slices"
	"testing"

	"bima/fhir/r4"

	"github.com/google/go-cmp/cmp"
)

func TestLookup(t *testing.T) {
	count := map[r4.Kind]int{}
	abstract := 0
	for _, name := range append(r4.Resources(), "Resource", "DomainResource") {
		typ := r4.Lookup(name)
		count[typ.Kind]++
		if typ.Abstract {
			abstract++
		}
	}
	if want := map[r4.Kind]int{r4.KindResource: 148}; !cmp.Equal(count, want) {
		t.Errorf("R4 has 146 concrete and 2 abstract resource types; got %v", count)
	}
	if abstract != 2 {
		t.Errorf("got %d abstract resource types, want 2", abstract)
	}
	for name, kind := range map[string]r4.Kind{
		"Claim": r4.KindResource, "CodeableConcept": r4.KindComplex, "dateTime": r4.KindPrimitive,
		"xhtml": r4.KindPrimitive, "Claim.item": r4.KindBackbone, "Timing.repeat": r4.KindBackbone,
		"Element": r4.KindComplex, "BackboneElement": r4.KindComplex, "Dosage.doseAndRate": r4.KindBackbone,
	} {
		if typ := r4.Lookup(name); typ == nil || typ.Kind != kind || typ.Name != name {
			t.Errorf("Lookup(%q) = %+v, want kind %d", name, typ, kind)
		}
	}
	if r4.Lookup("Insuree") != nil || r4.IsResource("DomainResource") || r4.IsResource("Money") || !r4.IsResource("Claim") {
		t.Error("only R4's own names are known")
	}
}

// path gives the element at a type's name and the FHIRPath names below it.
func path(t *testing.T, typ string, names ...string) *r4.Element {
	t.Helper()
	at := r4.Lookup(typ)
	var e *r4.Element
	for _, name := range names {
		if e = at.Element(name); e == nil {
			t.Fatalf("%s has no element %s", at.Name, name)
		}
		at = e.Types[0].Type
	}
	return e
}

func TestElementsAreAsR4DefinesThem(t *testing.T) {
	for _, c := range []struct {
		name       string
		typ        string
		path       []string
		min, max   int
		types      []string
		targets    []string
		binding    r4.Binding
		mod, sumry bool
	}{
		{"a claimed line's net is money", "Claim", []string{"item", "net"}, 0, 1, []string{"Money"}, nil, r4.Binding{}, false, false},
		{"a claim's status is a required code and a modifier", "Claim", []string{"status"}, 1, 1, []string{"code"}, nil, r4.Binding{Strength: "required", ValueSet: "http://hl7.org/fhir/ValueSet/fm-status"}, true, true},
		{"a claim's patient is a Patient", "Claim", []string{"patient"}, 1, 1, []string{"Reference"}, []string{"Patient"}, r4.Binding{}, false, true},
		{"a claim's details repeat", "Claim", []string{"item", "detail", "subDetail"}, 0, r4.Unbounded, []string{"Claim.item.detail.subDetail"}, nil, r4.Binding{}, false, false},
		{"an item of a questionnaire nests itself", "Questionnaire", []string{"item", "item"}, 0, r4.Unbounded, []string{"Questionnaire.item"}, nil, r4.Binding{}, false, false},
		{"a bundle's entry holds any resource", "Bundle", []string{"entry", "resource"}, 0, 1, []string{"Resource"}, nil, r4.Binding{}, false, true},
		{"contained resources are any", "Claim", []string{"contained"}, 0, r4.Unbounded, []string{"Resource"}, nil, r4.Binding{}, false, false},
		{"a parameter holds any resource", "Parameters", []string{"parameter", "resource"}, 0, 1, []string{"Resource"}, nil, r4.Binding{}, false, true},
		{"a resource's id is an id", "Patient", []string{"id"}, 0, 1, []string{"id"}, nil, r4.Binding{}, false, true},
		{"an element's id is a string", "HumanName", []string{"id"}, 0, 1, []string{"string"}, nil, r4.Binding{}, false, false},
		{"an extension's url is a uri", "Extension", []string{"url"}, 1, 1, []string{"uri"}, nil, r4.Binding{}, false, false},
		{"narrative is xhtml", "Narrative", []string{"div"}, 1, 1, []string{"xhtml"}, nil, r4.Binding{}, false, false},
		{"a contact of a patient names itself", "Patient", []string{"contact", "name"}, 0, 1, []string{"HumanName"}, nil, r4.Binding{}, false, false},
		{"a reference to anything names no targets", "Basic", []string{"subject"}, 0, 1, []string{"Reference"}, nil, r4.Binding{}, false, true},
		{"a profile is canonical", "Meta", []string{"profile"}, 0, r4.Unbounded, []string{"canonical"}, []string{"StructureDefinition"}, r4.Binding{}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := path(t, c.typ, c.path...)
			var types []string
			for _, et := range e.Types {
				types = append(types, et.Type.Name)
			}
			if e.Min != c.min || e.Max != c.max || e.Modifier != c.mod || e.Summary != c.sumry {
				t.Errorf("got %d..%d modifier %v summary %v", e.Min, e.Max, e.Modifier, e.Summary)
			}
			if !cmp.Equal(types, c.types) || !cmp.Equal(e.Types[0].Targets, c.targets) {
				t.Errorf("got types %v targets %v, want %v %v", types, e.Types[0].Targets, c.types, c.targets)
			}
			if e.Binding != nil && *e.Binding != c.binding || e.Binding == nil && c.binding != (r4.Binding{}) {
				t.Errorf("got binding %v, want %v", e.Binding, c.binding)
			}
		})
	}
}

func TestChoicesHaveAMemberForEachType(t *testing.T) {
	e := path(t, "Observation", "value")
	if len(e.Types) != 11 || !e.Choice {
		t.Errorf("Observation.value[x] has %d types, want 11", len(e.Types))
	}
	if n := len(path(t, "Extension", "value").Types); n != 50 {
		t.Errorf("Extension.value[x] has %d types, want 50", n)
	}
	member, typ := r4.Lookup("Observation").Member("valueCodeableConcept")
	if member != e || typ == nil || typ.Type.Name != "CodeableConcept" {
		t.Errorf("valueCodeableConcept gives %v %v", member, typ)
	}
	if member, _ := r4.Lookup("Observation").Member("value"); member != nil {
		t.Error("a choice has no member of its bare name")
	}
	if member, _ := r4.Lookup("Observation").Member("valueMoney"); member != nil {
		t.Error("an observation's value is never money")
	}
}

func TestInheritedElementsComeFirst(t *testing.T) {
	for typ, want := range map[string][]string{
		"Claim":         {"id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension", "identifier"},
		"Bundle":        {"id", "meta", "implicitRules", "language", "identifier"},
		"Claim.item":    {"id", "extension", "modifierExtension", "sequence"},
		"HumanName":     {"id", "extension", "use"},
		"Timing":        {"id", "extension", "modifierExtension", "event"},
		"Timing.repeat": {"id", "extension", "bounds"},
		"Age":           {"id", "extension", "value", "comparator", "unit", "system", "code"},
	} {
		var got []string
		for _, e := range r4.Lookup(typ).Elements[:len(want)] {
			got = append(got, e.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", typ, diff)
		}
	}
	for _, name := range everyType() {
		for i, e := range r4.Lookup(name).Elements {
			if e.Index != i {
				t.Errorf("%s.%s has index %d at place %d", name, e.Name, e.Index, i)
			}
		}
	}
}

func TestPrimitivesHaveAnIdAndExtensions(t *testing.T) {
	typ := r4.Lookup("markdown")
	if !typ.Is("string") || !typ.Is("Element") || typ.Elements != nil {
		t.Errorf("markdown is a string without elements: %+v", typ)
	}
	if e, _ := typ.Member("extension"); e == nil || e.Types[0].Type.Name != "Extension" {
		t.Error("a primitive may have extensions")
	}
	if e, _ := typ.Member("value"); e != nil {
		t.Error("a primitive's object has no value")
	}
}

// everyType gives the names of all types that can be reached from resources.
func everyType() []string {
	seen := map[string]bool{}
	queue := append(r4.Resources(), "Resource", "DomainResource", "BackboneElement")
	var out []string
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		out = append(out, name)
		for _, e := range r4.Lookup(name).Elements {
			for _, et := range e.Types {
				queue = append(queue, et.Type.Name)
			}
		}
	}
	return out
}

func TestEveryTypeResolves(t *testing.T) {
	elements := 0
	all := everyType()
	for _, name := range all {
		typ := r4.Lookup(name)
		if typ == nil {
			t.Fatalf("%s is mentioned and not there", name)
		}
		elements += len(typ.Elements)
		for _, e := range typ.Elements {
			if len(e.Types) == 0 || e.Name == "" || e.Max != 1 && e.Max != r4.Unbounded {
				t.Errorf("%s.%s is incomplete: %+v", name, e.Name, e)
			}
			for _, et := range e.Types {
				if m, mt := typ.Member(et.JSON); m != e || mt.JSON != et.JSON {
					t.Errorf("%s.%s is not found by its member name %s", name, e.Name, et.JSON)
				}
				for _, target := range et.Targets {
					if !r4.IsResource(target) {
						t.Errorf("%s.%s refers to %s, which is no resource type", name, e.Name, target)
					}
				}
			}
		}
	}
	t.Logf("%d types with %d elements", len(all), elements)
}

func TestConstraints(t *testing.T) {
	keys := func(list []r4.Constraint) (out []string) {
		for _, c := range list {
			if c.Expression == "" || c.Human == "" || c.Severity != "error" && c.Severity != "warning" {
				t.Errorf("%s is incomplete: %+v", c.Key, c)
			}
			out = append(out, c.Key)
		}
		slices.Sort(out)
		return out
	}
	for typ, want := range map[string][]string{
		"Patient":            {"dom-2", "dom-3", "dom-4", "dom-5", "dom-6"},
		"Patient.contact":    {"ele-1", "pat-1"},
		"Bundle":             {"bdl-1", "bdl-2", "bdl-3", "bdl-4", "bdl-7", "bdl-9", "bdl-10", "bdl-11", "bdl-12"},
		"Bundle.entry":       {"bdl-5", "bdl-8", "ele-1"},
		"Period":             {"ele-1", "per-1"},
		"Extension":          {"ele-1", "ext-1"},
		"Age":                {"age-1", "ele-1", "qty-3"},
		"string":             {"ele-1"},
		"Questionnaire.item": {"ele-1", "que-1", "que-10", "que-11", "que-12", "que-13", "que-3", "que-4", "que-5", "que-6", "que-8", "que-9"},
	} {
		slices.Sort(want)
		if diff := cmp.Diff(want, keys(r4.Lookup(typ).Constraints)); diff != "" {
			t.Errorf("%s: %s", typ, diff)
		}
	}
	low := path(t, "Observation", "referenceRange", "low")
	if diff := cmp.Diff([]string{"sqty-1"}, keys(low.Constraints)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"txt-1", "txt-2"}, keys(path(t, "Narrative", "div").Constraints)); diff != "" {
		t.Error(diff)
	}
}
