package card_test

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"bima/resources/card"
)

func TestNamesInTokensAreInitials(t *testing.T) {
	o := newOffice(t, card.Options{})
	o.Put(scheme)
	for name, want := range map[string]string{
		"Ramesh Sanga": "R. S.", "Ó. Ńowak-Smith": "Ó. Ń.", "क्षत्रिय प्रसाद": "क्ष. प्र.", "द्विवेदी": "द्वि.", "محمد علي": "م. ع.",
	} {
		o.Put(person("a", "070100001018", `,"name":[{"text":"`+name+`"}]`), covered("c", "a", "active", "active", long))
		if _, c := o.verify(tokenOf(t, o.record("Patient/a", ""))); c.Name != want {
			t.Errorf("%s is %q, want %q", name, c.Name, want)
		}
	}
}

// The band at the top bears the name of the scheme, in white: of the setting, the
// payor, or what the Coverage calls him.
func TestTheBandNamesTheScheme(t *testing.T) {
	byName := strings.Replace(covered("c", "a", "active", "active", long), `{"reference":"Organization/scheme"}`, `{"display":"Sagara Fund"}`, 1)
	nameless := strings.Replace(byName, `"display":"Sagara Fund"`, `"identifier":{"value":"x"}`, 1)
	for name, c := range map[string]struct {
		settings card.Settings
		coverage string
		want     bool
	}{
		"of the payor":           {card.Settings{}, covered("c", "a", "active", "active", long), true},
		"as the Coverage has it": {card.Settings{}, byName, true},
		"of the setting":         {card.Settings{Scheme: "National Fund"}, nameless, true},
		"of nobody":              {card.Settings{}, nameless, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, card.Options{Settings: c.settings})
			o.Put(scheme, person("a", "070100001018", named), c.coverage)
			r, err := o.ask(o.Context(), "Patient/a", "card", "format=png", true)
			if err != nil {
				t.Fatal(err)
			}
			m, err := png.Decode(bytes.NewReader(r.Media))
			if err != nil {
				t.Fatal(err)
			}
			white := 0
			for x := range m.Bounds().Dx() {
				for y := range m.Bounds().Dy() / 8 {
					if r, g, b, _ := m.At(x, y).RGBA(); min(r, g, b) > 0xf000 {
						white++
					}
				}
			}
			if (white > 100) != c.want {
				t.Errorf("%d white dots in the band", white)
			}
		})
	}
}
