package main

import (
	"fmt"
	"strings"

	"bima/resources/card"
	"bima/resources/print/drawing"
	"bima/resources/receipt"
)

// cardFlags are what a scheme may choose of its cards.
type cardFlags struct {
	CardScheme        string   `help:"The scheme's name on cards; by default that of the payor." env:"BIMA_CARD_SCHEME" placeholder:"NAME"`
	CardIssuer        string   `help:"The URL in the tokens of cards, below which verifiers find /.well-known/jwks.json; by default that of the server." env:"BIMA_CARD_ISSUER" placeholder:"URL"`
	CardFullName      bool     `help:"Put names in full into the tokens of cards, not only their initials." env:"BIMA_CARD_FULL_NAME"`
	CardHideBirthDate bool     `help:"Leave the birth date off cards." env:"BIMA_CARD_HIDE_BIRTH_DATE"`
	CardHideSex       bool     `help:"Leave the sex off cards." env:"BIMA_CARD_HIDE_SEX"`
	CardColor         string   `help:"The color of the band of cards." default:"#0f5244" env:"BIMA_CARD_COLOR" placeholder:"#RRGGBB"`
	CardLabel         []string `help:"What cards call things, in the scheme's language: number, born, sex, plan, valid, card, male, female, other, unknown. May be repeated." env:"BIMA_CARD_LABEL" placeholder:"NAME=TEXT"`
}

// cards gives what the scheme has chosen.
func (f cardFlags) cards() (card.Settings, error) {
	s := card.Settings{
		Issuer: strings.TrimSuffix(f.CardIssuer, "/"), Scheme: f.CardScheme, FullName: f.CardFullName, HideBirthDate: f.CardHideBirthDate, HideSex: f.CardHideSex,
		Color: &drawing.Color{},
	}
	if n, err := fmt.Sscanf(f.CardColor, "#%02x%02x%02x", &s.Color.R, &s.Color.G, &s.Color.B); n != 3 || err != nil || len(f.CardColor) != len("#rrggbb") {
		return s, fmt.Errorf("--card-color %q is not #RRGGBB", f.CardColor)
	}
	labels := map[string]*string{
		"number": &s.Labels.Number, "born": &s.Labels.Born, "sex": &s.Labels.Sex, "plan": &s.Labels.Plan, "valid": &s.Labels.Valid, "card": &s.Labels.Card,
		"male": &s.Labels.Male, "female": &s.Labels.Female, "other": &s.Labels.Other, "unknown": &s.Labels.Unknown,
	}
	for _, pair := range f.CardLabel {
		name, text, _ := strings.Cut(pair, "=")
		label, known := labels[name]
		if !known || text == "" {
			return s, fmt.Errorf("--card-label %q is not NAME=TEXT with one of the names that cards have", pair)
		}
		*label = text
	}
	return s, nil
}

// receiptFlags are what a scheme may choose of the receipts it gives.
type receiptFlags struct {
	ReceiptPrefix   string `help:"What the numbers of receipts begin with." default:"R" env:"BIMA_RECEIPT_PREFIX"`
	ReceiptDigits   int    `help:"How many digits the numbers of receipts have at least." default:"6" env:"BIMA_RECEIPT_DIGITS"`
	ReceiptSeries   string `help:"Whether the numbers begin anew each year, which then follows the prefix (yearly), or go on (running)." enum:"yearly,running" default:"yearly" env:"BIMA_RECEIPT_SERIES"`
	ReceiptScheme   string `help:"The scheme's name on receipts; by default that of who is paid." env:"BIMA_RECEIPT_SCHEME" placeholder:"NAME"`
	ReceiptLanguage string `help:"The language of receipts where none is asked for: en, sw or fr." enum:"en,sw,fr" default:"en" env:"BIMA_RECEIPT_LANGUAGE"`
}

// receipts gives what the scheme has chosen.
func (f receiptFlags) receipts() receipt.Settings {
	return receipt.Settings{
		Prefix: f.ReceiptPrefix, Digits: f.ReceiptDigits, Running: f.ReceiptSeries == "running", Scheme: f.ReceiptScheme, Language: f.ReceiptLanguage,
	}
}
