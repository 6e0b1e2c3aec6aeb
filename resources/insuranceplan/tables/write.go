package tables

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"bima/adjudication/terms"
	"bima/profiles"
)

// Write makes the tables of some InsurancePlans, by the names of their files. It
// fails, naming the element, where an InsurancePlan says something that tables
// can't: nothing is lost without a word. The narrative, the version and time of
// the resource, and the words of units are not kept.
func Write(bodies ...[]byte) (map[string][]byte, error) {
	w := &writer{planned: map[string]bool{}}
	versions := map[string]int{}
	plans := make([]insurancePlan, len(bodies))
	for i, body := range bodies {
		if err := json.Unmarshal(body, &plans[i]); err != nil {
			return nil, fmt.Errorf("the InsurancePlan can't be read: %w", err)
		}
		versions[plans[i].number(profiles.IdentifierProduct)]++
	}
	for _, p := range plans {
		name := p.number(profiles.IdentifierProduct)
		if versions[name] > 1 {
			name = p.number(profiles.IdentifierProductVersion)
		}
		w.plan(name, p)
	}
	products, wrong := (&reader{}).read(w.rows)
	if len(wrong) > 0 {
		return nil, fmt.Errorf("the tables can't hold the product: %s: %s; %s", wrong[0].Column, wrong[0].Rule, wrong[0].WayOut)
	}
	for i, body := range bodies {
		if at := lost(body, products[i].Body); at != "" {
			return nil, fmt.Errorf("the tables can't say what %s of %s/%s does; keep this product as JSON", at, "InsurancePlan", plans[i].ID)
		}
	}
	return w.files()
}

// number gives the identifier of a system.
func (p insurancePlan) number(system string) string {
	for _, id := range p.Identifier {
		if id.System == system {
			return id.Value
		}
	}
	return ""
}

// A writer is one run of Write.
type writer struct {
	rows    []row
	planned map[string]bool // the products whose first plan is written
	groups  []string        // the groups of patients that the product has a condition of
}

func (w *writer) row(file string, cells map[string]string) {
	w.rows = append(w.rows, row{file: file, cells: cells})
}

// plan writes one product.
func (w *writer) plan(name string, p insurancePlan) {
	top := map[string]string{
		"product": p.number(profiles.IdentifierProduct), "version": p.number(profiles.IdentifierProductVersion), "id": p.ID, "name": p.Name,
		"alias": strings.Join(p.Alias, listMark), "status": p.Status, "currency": p.currency(),
		"owner": referenceText(p.OwnedBy), "administrator": referenceText(p.AdministeredBy), "area": referenceTexts(p.CoverageArea),
	}
	if p.Period != nil {
		top["start"], top["end"] = p.Period.Start, p.Period.End
	}
	for _, t := range p.Type {
		for _, code := range t.Coding {
			switch code.System {
			case profiles.SystemProductKind:
				top["kind"] = code.Code
			case terms.SystemInsurancePlanType:
				top["type"] = code.Code
			}
		}
	}
	w.row(fileProducts, top)
	w.groups = nil
	for _, e := range p.Extension {
		w.parameter(name, top, e)
	}
	for _, c := range p.Coverage {
		top["network"] = referenceTexts(c.Network)
		for _, b := range c.Benefit {
			w.benefit(name, top, b)
		}
	}
	for _, part := range p.Plan {
		w.part(name, top, part)
	}
}

// currency gives that of the first amount.
func (p insurancePlan) currency() string {
	for _, e := range p.Extension {
		for _, part := range e.Extension {
			if part.ValueMoney != nil {
				return part.ValueMoney.Currency
			}
		}
	}
	for _, part := range p.Plan {
		for _, g := range part.GeneralCost {
			if g.Cost != nil {
				return g.Cost.Currency
			}
		}
		for _, e := range part.Extension {
			for _, p := range e.Extension {
				if p.ValueMoney != nil {
					return p.ValueMoney.Currency
				}
			}
		}
		for _, s := range part.SpecificCost {
			for _, b := range s.Benefit {
				for _, c := range b.Cost {
					if c.Value != nil && c.Value.System == terms.SystemCurrency {
						return c.Value.Code
					}
				}
			}
		}
	}
	return ""
}

func referenceText(r *reference) string {
	if r == nil {
		return ""
	}
	return r.Reference
}

func referenceTexts(list []reference) string {
	texts := make([]string, len(list))
	for i, r := range list {
		texts[i] = r.Reference
	}
	return strings.Join(texts, listMark)
}

// parameterColumns are the columns of extensions that are one value.
var parameterColumns = map[string]string{
	profiles.ExtensionCycleCalendar: "calendar", profiles.ExtensionOpenIMISMaxInstallments: "max_installments", profiles.ExtensionAgeOfMajority: "age_of_majority",
	profiles.ExtensionCeilingScope: "ceiling_scope", profiles.ExtensionProductPredecessor: "predecessor", profiles.ExtensionReversalRule: "reversal_rule",
	profiles.ExtensionOpenIMISConversion: "conversion", profiles.ExtensionFilingDeadline: "filing_deadline",
	profiles.ExtensionProofOfPresence: "proof_of_presence", profiles.ExtensionDecidingDay: "deciding_day", profiles.ExtensionOverlappingStays: "overlapping_stays",
	profiles.ExtensionAccidentCover: "accident_cover",
}

// parameter writes what stands on the product as a whole.
func (w *writer) parameter(name string, top map[string]string, e extension) {
	if column := parameterColumns[e.URL]; column != "" {
		top[column] = e.ValueCode + e.ValueUnsignedInt.String() + referenceText(e.ValueReference) + timeText(e.ValueDuration)
		return
	}
	switch e.URL {
	case profiles.ExtensionBalanceBilling:
		top["balance_billing"] = yesText(e.ValueBoolean)
	case profiles.ExtensionCoordinationOfBenefits:
		top["coordination"] = yesText(e.ValueBoolean)
	case profiles.ExtensionPreauthorizationTerms, profiles.ExtensionReviewTerms, profiles.ExtensionFeedbackSelection:
		wholeCells(top, e)
	case profiles.ExtensionPatientGroupCondition:
		w.groupRow(name, e)
	case profiles.ExtensionOpenIMISStartCycle:
		if top["cycles"] != "" {
			top["cycles"] += listMark
		}
		top["cycles"] += e.ValueString
	case profiles.ExtensionAccountingCode:
		top["account_"+e.part("purpose").ValueCode] = e.part("account").ValueString
	case profiles.ExtensionReviewCondition, profiles.ExtensionReviewRule:
		w.reviewRow(name, e)
	}
}

// part gives the first part of an extension of that name; a zero one where there
// is none.
func (e extension) part(name string) extension {
	for _, p := range e.Extension {
		if p.URL == name {
			return p
		}
	}
	return extension{}
}

// files writes the rows as CSV. A table without rows is left out.
func (w *writer) files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, t := range Tables() {
		var out bytes.Buffer
		table := csv.NewWriter(&out)
		wrong := table.Write(names(t))
		empty := true
		for _, r := range w.rows {
			if r.file != t.File {
				continue
			}
			empty = false
			record := make([]string, len(t.Columns))
			for i, c := range t.Columns {
				record[i] = r.get(c.Name)
			}
			wrong = errors.Join(wrong, table.Write(record))
		}
		table.Flush()
		if err := errors.Join(wrong, table.Error()); err != nil {
			return nil, err
		}
		if !empty {
			files[t.File] = out.Bytes()
		}
	}
	return files, nil
}
