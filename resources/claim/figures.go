package claim

import (
	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/adjudication/selection"
	"bima/adjudication/signal"
	"bima/fhir"
)

// figures reads what review conditions compare a claim with, each when it is asked
// for.
type figures struct {
	*decider
	tx       fhir.Tx
	p        *pending
	decision *adjudication.Decision
}

// yearDays is the year in which averages are taken.
const yearDays = 365

// Diagnosis reads the sums of a diagnosis that are kept for each day.
func (f *figures) Diagnosis(c selection.Code) (sum fhir.Amount, claims int64, err error) {
	today := f.today(f.tx)
	balances, err := f.tx.Tally(fhir.Tally{Accounts: []string{facts.DiagnosisAccount(c, f.p.gathered.Case.Currency)}, From: today - yearDays, To: today})
	for _, b := range balances {
		switch b.Bucket {
		case facts.BucketApproved:
			sum = fhir.Amount(b.Value)
		case facts.BucketClaims:
			claims = b.Value
		}
	}
	return sum, claims, err
}

// Begun tells when the facility's contract began.
func (f *figures) Begun() (int32, bool, error) {
	contract := f.p.gathered.Case.Facility.Contract
	if contract == nil || contract.From == adjudication.FirstDay {
		return 0, false, nil
	}
	return contract.From, true, nil
}

// Claims counts the facility's other claims, up to a limit.
func (f *figures) Claims(limit int) (int, error) {
	page, err := f.tx.Search(&fhir.Query{Types: []string{"Claim"}, Limit: limit + 1, Where: fhir.Match{
		Param: fhir.Param{Code: "provider", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: f.p.gathered.Provider},
	}})
	if err != nil {
		return 0, err
	}
	others := 0
	for _, resource := range page.Resources {
		if resource.Key != f.p.key {
			others++
		}
	}
	return others, nil
}

// Complaints counts the answers of patients against the facility.
func (f *figures) Complaints(months int) (int, error) {
	return facts.Complaints(f.tx, f.p.gathered.Provider, f.today(f.tx), months)
}

// Signals asks for the score of signals.
func (f *figures) Signals() (score int, why string, err error) {
	report, err := signal.Look(f.tx, f.p.node, f.p.gathered, f.decision)
	return report.Score, report.Why(), err
}

// Learned asks the model that is switched on.
func (f *figures) Learned() (score int, why string, known bool, err error) {
	opinion, err := f.models.Opinion(f.tx, f.p.node, f.p.gathered, f.decision)
	if opinion == nil || err != nil {
		return 0, "", false, err
	}
	return opinion.Score, opinion.Why(), true, nil
}
