package stu3

import (
	"encoding/json"
	"strings"

	"bima/fhir"
)

// The data types that STU3 and R4 write alike.
type (
	coding struct {
		System  string `json:"system,omitempty"`
		Code    string `json:"code,omitempty"`
		Display string `json:"display,omitempty"`
	}
	concept struct {
		Coding []coding `json:"coding,omitempty"`
		Text   string   `json:"text,omitempty"`
	}
	identifier struct {
		Use    string   `json:"use,omitempty"`
		Type   *concept `json:"type,omitempty"`
		System string   `json:"system,omitempty"`
		Value  string   `json:"value,omitempty"`
	}
	reference struct {
		Reference  string      `json:"reference,omitempty"`
		Type       string      `json:"type,omitempty"` // R4 only
		Identifier *identifier `json:"identifier,omitempty"`
		Display    string      `json:"display,omitempty"`
	}
	period struct {
		Start string `json:"start,omitempty"`
		End   string `json:"end,omitempty"`
	}
	quantity struct {
		Value json.Number `json:"value,omitempty"`
	}
)

// systemCurrency is the system of currencies, in which STU3 codes money.
const systemCurrency = "urn:iso:std:iso:4217"

// A money is an amount in STU3: a Quantity.
type money struct {
	Value  json.Number `json:"value"`
	System string      `json:"system,omitempty"`
	Code   string      `json:"code,omitempty"`
}

// newMoney makes an amount of a currency, which may be "".
func newMoney(value json.Number, currency string) *money {
	m := &money{Value: value, Code: currency}
	if currency != "" {
		m.System = systemCurrency
	}
	return m
}

// clean gives a text as R4 takes it: without blanks around it and without control
// characters.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			return -1
		}
		return c
	}, s))
}

// textOf gives the text of a string that is cleaned.
func textOf(n fhir.Node) string {
	if n.Kind() != fhir.KindString {
		return ""
	}
	return clean(n.Text())
}

// texts gives the strings of an element that repeats.
func texts(n fhir.Node) (list []string) {
	for e := range n.Each() {
		if s := textOf(e); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// codeOf gives a string as a code: its words with one blank between.
func codeOf(n fhir.Node) string { return strings.Join(strings.Fields(textOf(n)), " ") }

// uriOf gives a string as a URI, which has no blanks: OpenMRS takes the names of
// sources for systems.
func uriOf(n fhir.Node) string { return strings.Join(strings.Fields(textOf(n)), "-") }

// numberOf gives a decimal, also one that is written as a string; "" where there is
// none.
func numberOf(n fhir.Node) json.Number {
	text := n.Text()
	if n.Kind() == fhir.KindString {
		text = strings.TrimSpace(text)
	} else if n.Kind() != fhir.KindNumber {
		return ""
	}
	if len(text) > numberMax {
		return ""
	}
	if _, err := fhir.ParseDecimal(text); err != nil {
		return ""
	}
	return json.Number(text)
}

// numberMax bounds the length of a decimal in characters.
const numberMax = 40

// positiveOf gives a whole number above 0 that R4 takes, else 0.
func positiveOf(n fhir.Node) int {
	value, err := fhir.ParseAmount(string(numberOf(n)))
	if err != nil || value < fhir.Units(1) || value > fhir.Units(1<<31-1) || value != value.Round(0) {
		return 0
	}
	return int(value / fhir.Units(1))
}

// positives gives the whole numbers of an element that repeats.
func positives(n fhir.Node) (list []int) {
	for e := range n.Each() {
		if value := positiveOf(e); value > 0 {
			list = append(list, value)
		}
	}
	return list
}

// conceptOf reads a CodeableConcept.
func conceptOf(n fhir.Node) concept {
	c := concept{Text: textOf(n.Get("text"))}
	for e := range n.Get("coding").Each() {
		code := coding{System: uriOf(e.Get("system")), Code: codeOf(e.Get("code")), Display: textOf(e.Get("display"))}
		if code != (coding{}) {
			c.Coding = append(c.Coding, code)
		}
	}
	return c
}

// empty reports whether a concept says nothing.
func (c concept) empty() bool { return len(c.Coding) == 0 && c.Text == "" }

// dateOf gives a date or time as R4 takes it: one without a zone, as programs write
// it that know none, is cut to its day.
func dateOf(n fhir.Node) string {
	text := textOf(n)
	if _, err := fhir.ParseDateTime(text); err == nil || len(text) < dateLength {
		return text
	}
	if _, err := fhir.ParseDate(text[:dateLength]); err == nil {
		return text[:dateLength]
	}
	return text
}

// dateLength is the length of 2026-03-10.
const dateLength = 10

// periodOf reads a Period; nil where it says nothing.
func periodOf(n fhir.Node) *period {
	p := period{Start: dateOf(n.Get("start")), End: dateOf(n.Get("end"))}
	if p == (period{}) {
		return nil
	}
	return &p
}
