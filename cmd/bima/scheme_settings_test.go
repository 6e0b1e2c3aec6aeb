package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/cmd/bima/house"
	"bima/resources/attachment"
	"bima/resources/card"
	"bima/resources/claim"
	"bima/resources/contract"
	"bima/resources/employer"
	"bima/resources/measure"
	"bima/resources/place"
	"bima/resources/print/drawing"
	"bima/resources/receipt"
)

func TestCardsAreAsTheSchemeChooses(t *testing.T) {
	got, err := cardFlags{CardIssuer: "https://cards.example/", CardColor: "#102A0b", CardLabel: []string{"born=Amezaliwa", "number=Namba"}}.cards()
	if err != nil {
		t.Fatal(err)
	}
	want := card.Settings{Issuer: "https://cards.example", Color: &drawing.Color{R: 16, G: 42, B: 11}, Labels: card.Labels{Born: "Amezaliwa", Number: "Namba"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, f := range map[string]cardFlags{
		"--card-color": {CardColor: "green"}, "--card-label": {CardColor: "#000000", CardLabel: []string{"age=Umri"}},
	} {
		if _, err := f.cards(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPlacesHaveTheLevelsOfTheCountry(t *testing.T) {
	f := enrolmentFlags{NumberGenerator: "off", NumberCheck: "luhn", NumberAlphabet: "0123456789", PlaceLevel: []string{"R=Province", "D=Municipality"}}
	got, err := f.scheme()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]place.Level{{Code: "R", Name: "Province"}, {Code: "D", Name: "Municipality"}}, got.Places.Levels); diff != "" || got.Enrolment.Village != "D" {
		t.Errorf("people live in %s (-want +got):\n%s", got.Enrolment.Village, diff)
	}
	f.PlaceLevel = []string{"Province"}
	if _, err := f.scheme(); err == nil {
		t.Error("a level without a code is taken")
	}
}

func TestReceiptsAreAsTheSchemeChooses(t *testing.T) {
	got := receiptFlags{ReceiptPrefix: "KIL", ReceiptDigits: 4, ReceiptSeries: "running", ReceiptScheme: "Mfuko", ReceiptLanguage: "sw"}.receipts()
	if want := (receipt.Settings{Prefix: "KIL", Digits: 4, Running: true, Scheme: "Mfuko", Language: "sw"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestPoliciesAreAsTheSchemeChooses(t *testing.T) {
	var got house.Scheme
	policyFlags{
		PolicyCalendar: "bikram-sambat", RenewalPromptDays: 30, RenewalPhotoAdult: 48, RenewalPhotoChild: 6, NewbornDays: -1, ArrearsDays: 7,
		EmployerDueDays: 10, EmployerGraceDays: 20,
		measureFlags: measureFlags{Currency: "KES", MeasureMonths: 6, MeasureSmall: 5, MeasureAge: []int{5, 18}, MeasureLevel: "D", MeasureRenewal: 60},
	}.choose(&got)
	want := house.Scheme{
		Policies:  contract.Settings{Calendar: "bikram-sambat", PromptDays: 30, PhotoMonthsAdult: 48, PhotoMonthsChild: 6, NewbornDays: -1, ArrearsDays: 7},
		Employers: employer.Settings{DueDays: 10, GraceDays: 20},
		Measures:  measure.Settings{Currency: "KES", Months: 6, SmallCells: 5, Ages: []int{5, 18}, Level: "D", GraceDays: 60},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(house.Scheme{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestClaimsAreAsTheSchemeChooses(t *testing.T) {
	f := claimFlags{ClaimLanguage: "sw", ClaimCorrections: 3, AppealLevels: 1, AppealDays: 60, AppealAnswerDays: 14, AttachmentBytes: 9, AttachmentTypes: []string{"text/plain"}, Clamd: "/run/clamd.sock"}
	want := claim.Settings{Language: "sw", Corrections: 3, Appeals: claim.Appeals{Levels: 1, Within: 60, Answer: 14}}
	if diff := cmp.Diff(want, f.claims()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	papers := attachment.Settings{MaxBytes: 9, Types: []string{"text/plain"}, Scanner: attachment.Clamd{Addr: "/run/clamd.sock"}}
	if diff := cmp.Diff(papers, f.attachments()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if (claimFlags{}).attachments().Scanner != nil {
		t.Error("something is scanned without a scanner")
	}
}
