package validate_test

import (
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/validate"
)

func TestPrimitive(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	for _, c := range []struct {
		typ       string
		good, bad []string
	}{
		{"boolean", []string{"true", "false"}, []string{"", "True", "1", "null"}},
		{"integer", []string{"0", "-1", "2147483647", "-2147483648"}, []string{"", "-", "+1", "01", "-0", "1.0", "1e3", "2147483648", "-2147483649", "99999999999"}},
		{"positiveInt", []string{"1", "2147483647"}, []string{"0", "-1", "2147483648"}},
		{"unsignedInt", []string{"0", "2147483647"}, []string{"-1", "2147483648"}},
		{"decimal", []string{"0", "-0.0", "1.50", "1e3", "1E-7", "123456789012345678.123456789"}, []string{"", ".5", "5.", "01", "+1", "1e999999999", "NaN", strings.Repeat("1", 500)}},
		{"string", []string{"a", " a ", "a\tb\r\nc", "é", long}, []string{"", " ", "\n\t", "a\x00b", "a\x1fb", long + "x"}},
		{"markdown", []string{"# a\n\n* b"}, []string{"", " ", "\x07"}},
		{"code", []string{"a", "a b", "ä-1"}, []string{"", " ", " a", "a ", "a  b", "a\tb", "a\nb"}},
		{"id", []string{"a", "A-1.b", strings.Repeat("a", 64)}, []string{"", "a_b", "a b", "é", strings.Repeat("a", 65)}},
		{"uri", []string{"http://x.org/a?b=c#d", "urn:oid:1.2.3", "a", "#a"}, []string{"", "a b", " a", "a\n"}},
		{"url", []string{"mailto:a@x.org"}, []string{"", "a b"}},
		{"canonical", []string{"http://x.org/a|1.0", "#a"}, []string{"", "a |1"}},
		{"oid", []string{"urn:oid:1.2.3", "urn:oid:2.16.840", "urn:oid:0.0"}, []string{"", "1.2.3", "urn:oid:3.1", "urn:oid:1", "urn:oid:1.", "urn:oid:1.02", "urn:oid:1.a"}},
		{"uuid", []string{"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}, []string{"", "c757873d-ec9a-4326-a141-556f43239520", "urn:uuid:C757873D-EC9A-4326-A141-556F43239520", "urn:uuid:c757873dxec9a-4326-a141-556f43239520", "urn:uuid:c757873d-ec9a-4326-a141-556f4323952"}},
		{"date", []string{"2026", "2026-02", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"}, []string{"", "0000", "26", "2026-", "2026-0", "2026-00", "2026-13", "2026-2", "2026-02-30", "2026-02-29", "1900-02-29", "2026-04-31", "2026-02-1", "2026-01-01T", "2026-01-01T00:00:00Z", "20260101", "2026/01/01"}},
		{"dateTime", []string{"2026", "2026-02", "2026-02-28", "2026-02-28T10:00:00Z", "2026-02-28T10:00:00.123456789+14:00", "2026-02-28T23:59:60-03:30"}, []string{"", "2026-02-28T", "2026-02-28T10", "2026-02-28T10:00Z", "2026-02-28T10:00:00", "2026-02-28T24:00:00Z", "2026-02-28T10:60:00Z", "2026-02-28T10:00:61Z", "2026-02-28T10:00:00.Z", "2026-02-28T10:00:00+14:01", "2026-02-28T10:00:00+03", "2026-02-28T10:00:00+0300", "2026-02-28 10:00:00Z", "2026-02T10:00:00Z", "2026-02-30T10:00:00Z"}},
		{"instant", []string{"2026-02-28T10:00:00Z", "2026-02-28T10:00:00.1-11:00"}, []string{"", "2026", "2026-02-28", "2026-02-28T10:00:00", "2026-02-28T10:00Z"}},
		{"time", []string{"00:00:00", "23:59:60", "10:02:11.5"}, []string{"", "10:02", "24:00:00", "10:02:11Z", "10:02:11.", "1:02:03", "10-02-11"}},
		{"base64Binary", []string{"AAAA", "AAA=", "AA==", "AAAA\nAAAA", "+/+/"}, []string{"", " ", "A", "AAA", "AAAA=", "A===", "AA=A", "AA-_", "AAA\u00e9"}},
		{"xhtml", []string{`<div xmlns="http://www.w3.org/1999/xhtml">a</div>`}, []string{"", " ", "a", "<p>a</p>"}},
		{"Claim", nil, []string{"", "a"}},
	} {
		for _, s := range c.good {
			if !validate.Primitive(c.typ, s) {
				t.Errorf("%.60q is refused as %s", s, c.typ)
			}
		}
		for _, s := range c.bad {
			if validate.Primitive(c.typ, s) {
				t.Errorf("%.60q is let pass as %s", s, c.typ)
			}
		}
	}
}

// The readers of the root package keep what the validator lets in, so both must
// see dates and numbers alike.
func FuzzPrimitive_AgreesWithTheReaders(f *testing.F) {
	for _, s := range []string{"2026", "2026-02-29", "2024-02-29T10:02:11.5+03:00", "0000-01-01", "1e400", "-0.00", "2026-01-01T23:59:60Z", "2026-01-01T00:00:00-14:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for typ, read := range map[string]func(string) error{
			"date":     func(s string) error { _, err := fhir.ParseDate(s); return err },
			"dateTime": func(s string) error { _, err := fhir.ParseDateTime(s); return err },
			"instant":  func(s string) error { _, err := fhir.ParseInstant(s); return err },
			"decimal":  func(s string) error { _, err := fhir.ParseDecimal(s); return err },
		} {
			if err := read(s); validate.Primitive(typ, s) != (err == nil) {
				t.Errorf("%q as %s: the reader says %v", s, typ, err)
			}
		}
	})
}
