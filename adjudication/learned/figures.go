package learned

import (
	"encoding/json"

	"bima/adjudication"
)

// ReportContentType marks the attachment of a Library with the report for programs.
const ReportContentType = "application/json"

// The report for programs: what Markdown says, of all facilities. Its names are
// documented for operators; none is renamed.
type (
	figuresJSON struct {
		Trained     Trained         `json:"trained"`
		Tested      testedJSON      `json:"tested"`
		Thresholds  []thresholdJSON `json:"thresholds"`
		Calibration []binJSON       `json:"calibration"`
		Reasons     []reasonJSON    `json:"reasons"`
		Facilities  []facilityJSON  `json:"facilities"`
	}
	testedJSON struct {
		Trained
		AUC float64 `json:"auc"`
	}
	thresholdJSON struct {
		Score     int     `json:"score"`
		Chosen    int     `json:"chosen"`
		Right     int     `json:"right"`
		Missed    int     `json:"missed"`
		Precision float64 `json:"precision"` // 0 to 1
		Recall    float64 `json:"recall"`    // 0 to 1
	}
	binJSON struct {
		From   int     `json:"from"` // a score; the next bin's ends it
		Claims int     `json:"claims"`
		Cut    int     `json:"cut"`
		Mean   float64 `json:"meanScore"`
	}
	reasonJSON struct {
		Reason string `json:"reason"` // "" is cut without one
		Claims int    `json:"claims"`
		Found  int    `json:"found"`
	}
	facilityJSON struct {
		Facility string  `json:"facility"` // "Organization/f-1"; "" where it is not known
		Claims   int     `json:"claims"`
		Cut      int     `json:"cut"`
		Mean     float64 `json:"meanScore"`
	}
)

// JSON writes what a model does, for programs. It can't fail but for a number that
// is none.
func (l *Lesson) JSON() ([]byte, error) {
	e := &l.Test
	out := figuresJSON{
		Trained: l.Model.Trained,
		Tested:  testedJSON{Trained{e.Claims, e.Cut, adjudication.WriteDay(e.From), adjudication.WriteDay(e.To)}, e.AUC},
	}
	for _, t := range e.Thresholds {
		out.Thresholds = append(out.Thresholds, thresholdJSON{t.Score, t.Selected, t.Right, t.Missed, t.Precision(), t.Recall()})
	}
	for _, b := range e.Calibration {
		out.Calibration = append(out.Calibration, binJSON(b))
	}
	for _, r := range e.Reasons {
		out.Reasons = append(out.Reasons, reasonJSON(r))
	}
	for _, f := range e.Facilities {
		facility := ""
		if !f.Facility.IsZero() {
			facility = f.Facility.String()
		}
		out.Facilities = append(out.Facilities, facilityJSON{facility, f.Claims, f.Cut, f.Mean})
	}
	body, err := json.MarshalIndent(out, "", " ")
	return append(body, '\n'), err
}
