package r4_test

import (
	"slices"
	"strings"
	"testing"

	"bima/fhir/r4"

	annotations "github.com/google/fhir/go/proto/google/fhir/proto/annotations_go_proto"
	contained "github.com/google/fhir/go/proto/google/fhir/proto/r4/core/resources/bundle_and_contained_resource_go_proto"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A comparison walks google/fhir's message descriptors, an independent reading
// of the same definitions, beside our types.
type comparison struct {
	*testing.T
	seen   map[*r4.Type]bool
	fields int
}

// The disagreements we accept, by type and element.
var (
	descriptorLacks = map[string]bool{
		// google/fhir makes a type of its own of the profile SimpleQuantity.
		"Quantity.comparator": true,
	}
	descriptorLacksType = map[string]string{
		// google/fhir leaves Meta out of the open choice; R4 lists it.
		"Extension.value": "meta",
	}
)

func TestAgreesWithGoogleFHIR(t *testing.T) {
	c := &comparison{T: t, seen: map[*r4.Type]bool{}}
	resources := (&contained.ContainedResource{}).ProtoReflect().Descriptor().Fields()
	if got, want := resources.Len(), len(r4.Resources()); got != want {
		t.Errorf("google/fhir has %d resource types, we have %d", got, want)
	}
	for i := range resources.Len() {
		message := resources.Get(i).Message()
		typ := r4.Lookup(string(message.Name()))
		if typ == nil {
			t.Errorf("%s is unknown", message.Name())
			continue
		}
		c.message(message, typ)
	}
	t.Logf("%d types and %d fields agree", len(c.seen), c.fields)
}

func (c *comparison) message(m protoreflect.MessageDescriptor, typ *r4.Type) {
	if c.seen[typ] || typ.Kind == r4.KindPrimitive || typ.Name == "Resource" {
		return // google/fhir has no message for a resource of any type
	}
	c.seen[typ] = true
	fields := m.Fields()
	for i := range fields.Len() {
		c.field(fields.Get(i), typ)
	}
	for _, e := range typ.Elements {
		if !hasField(fields, e.Name) && !descriptorLacks[typ.Name+"."+e.Name] {
			c.Errorf("google/fhir has no %s.%s", typ.Name, e.Name)
		}
	}
}

func hasField(fields protoreflect.FieldDescriptors, name string) bool {
	for i := range fields.Len() {
		if fields.Get(i).JSONName() == name {
			return true
		}
	}
	return false
}

func (c *comparison) field(f protoreflect.FieldDescriptor, typ *r4.Type) {
	if typ.Name == "Reference" && f.ContainingOneof() != nil {
		return // google/fhir splits Reference.reference by type
	}
	e := typ.Element(f.JSONName())
	path := typ.Name + "." + f.JSONName()
	if e == nil {
		c.Errorf("we have no %s", path)
		return
	}
	c.fields++
	c.compare(path, f, e)
	if f.Message() == nil || isChoice(f.Message()) != e.Choice {
		c.Errorf("%s: choice: %v", path, e.Choice)
		return
	}
	if e.Choice {
		c.choice(path, f.Message(), e)
		return
	}
	c.message(f.Message(), e.Types[0].Type)
}

func (c *comparison) compare(path string, f protoreflect.FieldDescriptor, e *r4.Element) {
	requirement := proto.GetExtension(f.Options(), annotations.E_ValidationRequirement).(annotations.Requirement)
	if required := requirement == annotations.Requirement_REQUIRED_BY_FHIR; required != (e.Min == 1) {
		c.Errorf("%s: google/fhir says required %v", path, required)
	}
	if repeated := f.Cardinality() == protoreflect.Repeated; repeated != (e.Max == r4.Unbounded) {
		c.Errorf("%s: google/fhir says repeated %v", path, repeated)
	}
	valid := slices.Sorted(slices.Values(proto.GetExtension(f.Options(), annotations.E_ValidReferenceType).([]string)))
	if len(valid) == 0 || e.Choice {
		return
	}
	if slices.Equal(valid, []string{"Resource"}) {
		valid = nil
	}
	if targets := slices.Sorted(slices.Values(e.Types[0].Targets)); !slices.Equal(valid, targets) {
		c.Errorf("%s: google/fhir allows references to %v, we to %v", path, valid, targets)
	}
}

// choice compares the types of a choice, each a field of its message.
func (c *comparison) choice(path string, m protoreflect.MessageDescriptor, e *r4.Element) {
	var theirs, ours []string
	fields := m.Fields()
	for i := range fields.Len() {
		theirs = append(theirs, strings.ToLower(fields.Get(i).JSONName()))
	}
	for _, t := range e.Types {
		name := strings.ToLower(t.Type.Name)
		if descriptorLacksType[path] == name {
			continue
		}
		if !slices.Contains(theirs, name) && slices.Contains(theirs, name+"value") {
			name += "value" // google/fhir's way with names its languages reserve
		}
		ours = append(ours, name)
	}
	slices.Sort(theirs)
	slices.Sort(ours)
	if !slices.Equal(theirs, ours) {
		c.Errorf("%s: google/fhir has the types %v, we have %v", path, theirs, ours)
	}
}

func isChoice(m protoreflect.MessageDescriptor) bool {
	return proto.GetExtension(m.Options(), annotations.E_IsChoiceType).(bool)
}
