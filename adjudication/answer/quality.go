package answer

import (
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// inspect notes what is wrong with what was sent, rather than with what is asked
// for: persons, facilities and services that the registers don't know. Found by
// ClaimResponse?_tag=, it is put right by who keeps the registers, or the sender.
func (w *claimWriter) inspect() {
	for _, p := range w.Decision.Problems {
		switch {
		case p.Kind != fhir.IssueNotFound:
			w.tag("unreadable")
		case p.Expression == "Claim.patient":
			w.tag("unknown-patient")
		case p.Expression == "Claim.provider":
			w.tag("unknown-facility")
		}
	}
	if w.Facts.StrangeDiagnosis {
		w.tag("unknown-diagnosis")
	}
	for i := range w.Decision.Lines {
		if w.Decision.Lines[i].Denied == adjudication.ReasonService {
			w.tag("unknown-service")
		}
	}
}

func (w *claimWriter) tag(code string) {
	if !slices.Contains(w.tags, code) {
		w.tags = append(w.tags, code)
	}
}

func (w *claimWriter) tagged() {
	if len(w.tags) == 0 {
		return
	}
	w.object("meta", func() {
		w.array("tag", func() {
			for _, code := range w.tags {
				w.object("", func() {
					w.text("system", profiles.SystemDataQuality)
					w.text("code", code)
				})
			}
		})
	})
}
