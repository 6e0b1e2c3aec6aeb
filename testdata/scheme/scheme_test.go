package scheme_test

import (
	"testing"

	"bima/fhir"
	"bima/testdata/scheme"
)

// bytesMax is what the embedded scheme may add to the binary.
const bytesMax = 2 << 20

// entries gives the resources of all Bundles in loading order.
func entries(t *testing.T) []fhir.Node {
	t.Helper()
	var list []fhir.Node
	size := 0
	for _, f := range scheme.Files() {
		size += len(f.Body)
		doc, err := fhir.Parse(f.Body)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		for e := range doc.Root().Get("entry").Each() {
			want := e.At("resource", "resourceType").Text() + "/" + e.At("resource", "id").Text()
			if got := e.At("request", "url").Text(); got != want || e.At("request", "method").Text() != "PUT" {
				t.Errorf("%s: the entry of %s is a %s of %s", f.Name, want, e.At("request", "method").Text(), got)
			}
			list = append(list, e.Get("resource"))
		}
	}
	if size > bytesMax {
		t.Errorf("the scheme has %d bytes; at most %d", size, bytesMax)
	}
	return list
}

func isType(name string) bool { return name != "" && name[0] >= 'A' && name[0] <= 'Z' }

// references calls f on each Reference.reference within a node.
func references(n fhir.Node, f func(fhir.Reference)) {
	for c := range n.All() {
		if c.Name() == "reference" && c.Kind() == fhir.KindString {
			f(fhir.ParseReference(c.Text(), isType))
		}
		references(c, f)
	}
}

func TestEveryReferenceIsLoadedBeforeIt(t *testing.T) {
	seen, later := map[fhir.Key]bool{}, map[fhir.Key][]string{}
	for _, r := range entries(t) {
		key := fhir.Key{Type: r.Get("resourceType").Text(), ID: r.Get("id").Text()}
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
		references(r, func(to fhir.Reference) {
			if !seen[to.Key] {
				later[to.Key] = append(later[to.Key], key.String())
			}
		})
	}
	for key, from := range later {
		if !seen[key] {
			t.Errorf("%s is referred to by %v and is not there", key, from)
		}
	}
}

func TestTheSchemeHasWhatItPromises(t *testing.T) {
	got := map[string]int{}
	for _, r := range entries(t) {
		got[r.Get("resourceType").Text()]++
	}
	want := map[string]int{"InsurancePlan": 1, "ChargeItemDefinition": 60, "Group": 40, "Claim": 200}
	for typ, n := range want {
		if got[typ] != n {
			t.Errorf("%d of %s, want %d", got[typ], typ, n)
		}
	}
}

func TestClaimsAddUp(t *testing.T) {
	for _, r := range entries(t) {
		if r.Get("resourceType").Text() != "Claim" {
			continue
		}
		var sum fhir.Amount
		for item := range r.Get("item").Each() {
			each, net := amount(t, item.At("unitPrice", "value")), amount(t, item.At("net", "value"))
			quantity, err := fhir.ParseDecimal(item.At("quantity", "value").Text())
			if err != nil {
				t.Fatal(err)
			}
			if product, ok := each.Times(quantity); !ok || product != net {
				t.Errorf("%s line %s: %s × %s is not %s", r.Get("id").Text(), item.Get("sequence").Text(), each, quantity, net)
			}
			sum += net
		}
		if total := amount(t, r.At("total", "value")); sum != total {
			t.Errorf("%s: the lines come to %s, the total is %s", r.Get("id").Text(), sum, total)
		}
	}
}

func amount(t *testing.T, n fhir.Node) fhir.Amount {
	t.Helper()
	a, err := fhir.ParseAmount(n.Text())
	if err != nil {
		t.Fatal(err)
	}
	return a
}
