package facts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
)

// ordersMax bounds how many orders one question may refer to.
const ordersMax = 100

// An order is where resources that describe a service have its code and quantity.
type order struct{ code, medication, quantity []string }

// orders are those that CoverageEligibilityRequest.item.detail is decided by. Source:
// R4 CoverageEligibilityRequest.item.detail ("the plan/proposal/order describing the
// proposed service in detail").
var orders = map[string]order{
	"ActivityDefinition":   {code: []string{"code"}, quantity: []string{"quantity"}},
	"ChargeItem":           {code: []string{"code"}, quantity: []string{"quantity"}},
	"ChargeItemDefinition": {code: []string{"code"}},
	"DeviceRequest":        {code: []string{"codeCodeableConcept"}},
	"Medication":           {code: []string{"code"}},
	"MedicationDispense":   {code: []string{"medicationCodeableConcept"}, medication: []string{"medicationReference"}, quantity: []string{"quantity"}},
	"MedicationRequest":    {code: []string{"medicationCodeableConcept"}, medication: []string{"medicationReference"}, quantity: []string{"dispenseRequest", "quantity"}},
	"Procedure":            {code: []string{"code"}},
	"ServiceRequest":       {code: []string{"code"}, quantity: []string{"quantityQuantity"}},
	"SupplyRequest":        {code: []string{"itemCodeableConcept"}, medication: []string{"itemReference"}, quantity: []string{"quantity"}},
}

// ordered gives what an item asks about: the item, or, where it names no service, one
// for each service that the orders it refers to are for. An item that does name one
// takes no more than the quantity from an order.
func (f *Facts) ordered(r fhir.Reader, request, item fhir.Node, at string, c *adjudication.Case) ([]fhir.Node, error) {
	named, counted := len(terms.Codings(item.Get("productOrService"))) > 0, item.Get("quantity").Exists()
	if named && counted || !item.Get("detail").Exists() {
		return []fhir.Node{item}, nil
	}
	var items []fhir.Node
	for i, ref := range terms.Indexed(item.Get("detail")) {
		if i == ordersMax {
			break
		}
		found, kind, err := f.order(r, request, ref, slices.Sorted(maps.Keys(orders)))
		if err != nil {
			return nil, err
		}
		root := found
		if contained(ref) {
			root = request
		}
		service, quantity, err := f.serviceOf(r, root, found, kind)
		if err != nil {
			return nil, err
		}
		switch {
		case named && quantity.Exists():
			one, err := completed(item, fhir.Node{}, quantity)
			return []fhir.Node{one}, err
		case named:
		case len(terms.Codings(service)) == 0:
			c.Problems = append(c.Problems, unknown(fmt.Sprintf("%s.detail[%d]", at, i), sayNoOrder, ref))
		default:
			one, err := completed(item, service, quantity)
			if err != nil {
				return nil, err
			}
			items = append(items, one)
		}
	}
	if named {
		return []fhir.Node{item}, nil
	}
	return items, nil
}

// order finds the resource that a Reference means, contained or stored here, and its
// type.
func (f *Facts) order(r fhir.Reader, root, ref fhir.Node, types []string) (fhir.Node, string, error) {
	if contained(ref) {
		id := ref.Get("reference").Text()[1:]
		for n := range root.Get("contained").Each() {
			if kind := n.Get("resourceType").Text(); n.Get("id").Text() == id && slices.Contains(types, kind) {
				return n, kind, nil
			}
		}
		return fhir.Node{}, "", nil
	}
	k, ok, err := f.resolve(r, root, ref, types...)
	if err != nil || !ok {
		return fhir.Node{}, "", err
	}
	found, err := fhir.Tree(r, k)
	return found, k.Type, err
}

// contained reports whether a Reference means a resource within its own.
func contained(ref fhir.Node) bool { return strings.HasPrefix(ref.Get("reference").Text(), "#") }

// serviceOf gives the service that an order is for, and how much of it. root has what
// the order refers to within the resource that it is in.
func (f *Facts) serviceOf(r fhir.Reader, root, n fhir.Node, kind string) (service, quantity fhir.Node, err error) {
	o, ok := orders[kind]
	if !ok || !n.Exists() {
		return fhir.Node{}, fhir.Node{}, nil
	}
	if len(o.quantity) > 0 {
		quantity = n.At(o.quantity...)
	}
	service = n.At(o.code...)
	if !service.Exists() && len(o.medication) > 0 {
		medication, _, err := f.order(r, root, n.At(o.medication...), []string{"Medication"})
		if err != nil {
			return service, quantity, err
		}
		service = medication.Get("code")
	}
	return service, quantity, nil
}

// completed gives an item with the service and quantity of an order, where it has none
// itself.
func completed(item, service, quantity fhir.Node) (fhir.Node, error) {
	b := []byte{'{'}
	add := func(name string, n fhir.Node) {
		if n.Exists() && !item.Get(name).Exists() {
			b = fmt.Appendf(b, "%q:%s,", name, n.Raw())
		}
	}
	add("productOrService", service)
	add("quantity", quantity)
	doc, err := fhir.Parse(append(b, item.Raw()[1:]...))
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}
