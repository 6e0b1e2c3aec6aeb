package terminology_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
)

// large gives a code system of 70,000 codes in groups of ten, as ICD-10 has them
// in its largest national form, with a value set of one group and one of all.
func large() []string {
	var b strings.Builder
	b.WriteString(`{"resourceType":"CodeSystem","id":"large","url":"urn:test:large","status":"active","content":"complete","concept":[`)
	for i := range 7000 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"code":"C%d","display":"Disease group %d","concept":[`, i, i)
		for j := range 9 {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"code":"C%d.%d","display":"Disease number %d of its group, unspecified"}`, i, j, j)
		}
		b.WriteString(`]}`)
	}
	b.WriteString(`]}`)
	return []string{
		b.String(),
		`{"resourceType":"ValueSet","id":"group","url":"urn:test:group","status":"active","compose":{"include":[{"system":"urn:test:large","filter":[{"property":"concept","op":"is-a","value":"C77"}]}]}}`,
		`{"resourceType":"ValueSet","id":"large","url":"urn:test:all","status":"active","compose":{"include":[{"system":"urn:test:large"}]}}`,
	}
}

func BenchmarkLarge(b *testing.B) {
	c := newClinic(b, large()...)
	for _, x := range []struct{ name, path, want string }{
		{"validate in the system", "CodeSystem/$validate-code?url=urn:test:large&code=C6999.3", `"valueBoolean":true`},
		{"validate in a value set", "ValueSet/$validate-code?url=urn:test:group&code=C77.3", `"valueBoolean":true`},
		{"look up", "CodeSystem/$lookup?system=urn:test:large&code=C77", `Disease group 77`},
		{"expand a group", "ValueSet/$expand?url=urn:test:group", `"total":10`},
		{"expand a page of all", "ValueSet/$expand?url=urn:test:all&count=20", `"total":70000`},
		{"expand what a person typed", "ValueSet/$expand?url=urn:test:all&count=20&filter=gro+777", `"total":1,`},
	} {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n, err := c.get(x.path)
				if err != nil || !strings.Contains(string(n.Raw()), x.want) {
					b.Fatalf("%v %.300s", err, n.Raw())
				}
			}
		})
	}
	b.Run("codes for a search", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.view(func(r fhir.Reader) {
				if list, err := c.service.Codes(r, "urn:test:group"); err != nil || len(list) != 10 {
					b.Fatal(err, list)
				}
			})
		}
	})
	b.Run("member of R4's own", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.view(func(r fhir.Reader) {
				if has, err := c.service.Contains(r, hl7+"claim-use", "", "claim"); err != nil || !has {
					b.Fatal(err)
				}
			})
		}
	})
}
