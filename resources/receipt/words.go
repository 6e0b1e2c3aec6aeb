package receipt

import (
	"strings"

	"bima/fhir"
)

// Words are what a receipt says in one language.
type words struct {
	receipt, number, date, from, family, by, reference, officer string
	purpose, invoice, policy, credit, total, back, reversed     string
	bounced, misposted                                          string
	methods                                                     map[string]string
	thousands, decimal                                          string
}

// languages gives what receipts are written in.
func languages() []string { return []string{"en", "sw", "fr"} }

// wordsOf gives the words of a language, false where there are none.
func wordsOf(language string) (words, bool) {
	switch language {
	case "en":
		return words{
			receipt: "Receipt", number: "No.", date: "Date", from: "Received from", family: "For", by: "Paid by", reference: "Reference", officer: "Received by",
			purpose: "What it is for", invoice: "Invoice", policy: "policy", credit: "Paid ahead", total: "Total", back: "Taken back", reversed: "REVERSED",
			bounced: "the money did not arrive or was given back", misposted: "it was booked on the wrong account",
			methods: map[string]string{"B": "bank transfer", "C": "cash", "M": "mobile money", "F": "funding"}, thousands: ",", decimal: ".",
		}, true
	case "sw":
		return words{
			receipt: "Stakabadhi", number: "Na.", date: "Tarehe", from: "Imepokelewa kutoka kwa", family: "Kwa ajili ya", by: "Njia ya malipo", reference: "Kumbukumbu", officer: "Imepokelewa na",
			purpose: "Malipo ya", invoice: "Ankara", policy: "sera", credit: "Malipo ya awali", total: "Jumla", back: "Imerudishwa", reversed: "IMEBATILISHWA",
			bounced: "fedha hazikufika au zilirudishwa", misposted: "iliandikwa kwenye akaunti isiyo sahihi",
			methods: map[string]string{"B": "benki", "C": "fedha taslimu", "M": "pesa kwa simu", "F": "ufadhili"}, thousands: ",", decimal: ".",
		}, true
	case "fr":
		return words{
			receipt: "Reçu", number: "N°", date: "Date", from: "Reçu de", family: "Pour", by: "Payé par", reference: "Référence", officer: "Reçu par",
			purpose: "Objet", invoice: "Facture", policy: "police", credit: "Payé d’avance", total: "Total", back: "Repris", reversed: "ANNULÉ",
			bounced: "l’argent n’est pas arrivé ou a été rendu", misposted: "il a été porté sur le mauvais compte",
			methods: map[string]string{"B": "virement bancaire", "C": "espèces", "M": "argent mobile", "F": "financement"}, thousands: " ", decimal: ",",
		}, true
	}
	return words{}, false
}

// money writes an amount with its currency, to the currency's decimals, or as many
// as it has.
func (w words) money(a fhir.Amount, currency string) string {
	sign := ""
	if a < 0 {
		sign, a = "-", -a
	}
	whole, part, _ := strings.Cut(a.String(), ".")
	for len(part) < fhir.MinorUnits(currency) {
		part += "0"
	}
	var grouped string
	for len(whole) > 3 {
		grouped = w.thousands + whole[len(whole)-3:] + grouped
		whole = whole[:len(whole)-3]
	}
	text := sign + whole + grouped
	if part != "" {
		text += w.decimal + part
	}
	return strings.TrimSpace(text + " " + currency)
}
