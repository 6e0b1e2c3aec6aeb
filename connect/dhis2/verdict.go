package dhis2

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"bima/fhir/subscription"
)

// A summary is what DHIS2 says of an import. Releases before 2.38, and jobs, answer
// with nothing else; others wrap it in a WebMessage.
type summary struct {
	Status      string `json:"status"` // SUCCESS, WARNING or ERROR
	Description string `json:"description"`
	Count       *struct {
		Imported, Updated, Ignored, Deleted int
	} `json:"importCount"`
	Conflicts []conflict `json:"conflicts"`
	Complete  any        `json:"dataSetComplete"` // "false", or "true", or since when
	Options   struct {
		DryRun bool `json:"dryRun"`
	} `json:"importOptions"`

	// of a job
	ID       string `json:"id"`
	Notifier string `json:"relativeNotifierEndpoint"`
}

// A conflict is something that DHIS2 did not take.
type conflict struct {
	Object   string         `json:"object"`
	Objects  map[string]any `json:"objects"`
	Value    string         `json:"value"`
	Code     string         `json:"errorCode"`
	Property string         `json:"property"`
	Indexes  []int          `json:"indexes"`
}

// A webMessage wraps a summary. Of an error it may be all there is.
type webMessage struct {
	Response *summary `json:"response"`
	Message  string   `json:"message"`
	Code     string   `json:"errorCode"`
	summary
}

// read understands an answer; false where no summary is in it.
func readSummary(body []byte) (s summary, message string, ok bool) {
	var m webMessage
	if err := json.Unmarshal(body, &m); err != nil {
		return s, "", false
	}
	s = m.summary
	if m.Response != nil {
		s = *m.Response
	}
	said := slices.Contains([]string{"SUCCESS", "WARNING", "ERROR"}, s.Status) && (s.Count != nil || len(s.Conflicts) > 0)
	return s, clean(strings.TrimSpace(m.Message + " " + m.Code)), said
}

// clean makes a text of another system fit to be kept.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "?")
	return cut(strings.Join(strings.Fields(text), " "), textMax)
}

// textMax bounds what is kept of a text of another system, in characters.
const textMax = 300

// A judgement is what became of a payload.
type judgement struct {
	trouble   string // "" where DHIS2 took all
	conflicts []conflict
}

// judge tells by the answer what became of a payload. The status alone says nothing:
// to 2.42 a value that was refused is 409 though the others are kept, to 2.43 it is
// 200. An error is to be tried again, unless it was marked as Refused.
func judge(status int, body []byte, p payload, dryRun bool) (judgement, error) {
	s, message, ok := readSummary(body)
	if err := transport(status, message, ok); err != nil {
		return judgement{}, err
	}
	if s.Options.DryRun && !dryRun {
		return judgement{}, subscription.Refused(errors.New("DHIS2 took the numbers for a trial only, and kept none of them"))
	}
	sent := len(p.DataValues)
	j := judgement{conflicts: s.Conflicts}
	switch {
	case s.Status == "SUCCESS" && len(s.Conflicts) == 0:
		if known := s.Count.Imported + s.Count.Updated + s.Count.Ignored + s.Count.Deleted; known < sent {
			j.trouble = fmt.Sprintf("DHIS2 says that all went well, but gives account of %d of %d values only", known, sent)
		} else if p.CompleteDate != "" && fmt.Sprint(s.Complete) == "false" {
			j.trouble = "DHIS2 took the numbers, but does not say that the data set is complete"
		}
		return j, nil
	case s.Status == "ERROR" && len(s.Conflicts) == 0:
		return j, subscription.Refused(fmt.Errorf("DHIS2 took none of the numbers: %s", clean(s.Description+" "+message)))
	}
	refused := refusedOf(s, sent)
	j.trouble = fmt.Sprintf("%d of %d values were refused: %s", refused, sent, words(s))
	if refused == sent && !slices.ContainsFunc(s.Conflicts, func(c conflict) bool { return c.here(p) }) {
		return j, subscription.Refused(fmt.Errorf("DHIS2 took none of the numbers: %s", words(s)))
	}
	return j, nil
}

// transport gives the error of an answer that says by its status, or for want of a
// summary, that no numbers were looked at.
func transport(status int, message string, summed bool) error {
	said := fmt.Sprintf("DHIS2 answered HTTP %d", status)
	if message != "" {
		said += ": " + message
	}
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500:
		return errors.New(said)
	case status == http.StatusUnauthorized:
		return subscription.Refused(fmt.Errorf("%s: it does not let in whom Subscription.channel.header names", said))
	case status == http.StatusForbidden:
		return subscription.Refused(fmt.Errorf("%s: the user needs the authority F_DATAVALUE_ADD, and may write the data sets and organisation units", said))
	case status >= 300 && status < 400:
		return subscription.Refused(fmt.Errorf("%s, which leads elsewhere: write the address it leads to into Endpoint.address", said))
	case summed:
		return nil
	case status < 300:
		return fmt.Errorf("%s, but no import summary: what answers may not be DHIS2", said)
	}
	return subscription.Refused(errors.New(said))
}

// refusedOf counts the values that were refused.
func refusedOf(s summary, sent int) int {
	indexes := map[int]bool{}
	whole := s.Status == "ERROR"
	for _, c := range s.Conflicts {
		for _, i := range c.Indexes {
			if i >= 0 && i < sent {
				indexes[i] = true
			}
		}
	}
	switch {
	case whole:
		return sent
	case len(indexes) > 0:
		return len(indexes)
	case s.Count != nil && len(s.Conflicts) > 0:
		return min(max(s.Count.Ignored, 1), max(sent-1, 1)) // which they are, an old release does not say
	}
	return len(s.Conflicts)
}

// shown bounds the conflicts that a message names.
const shown = 3

// words names the conflicts.
func words(s summary) string {
	var parts []string
	for _, c := range s.Conflicts {
		if part := c.words(); !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return clean(s.Description)
	}
	more := ""
	if len(parts) > shown {
		more, parts = fmt.Sprintf(" and %d more", len(parts)-shown), parts[:shown]
	}
	return strings.Join(parts, "; ") + more
}

func (c conflict) words() string {
	text := clean(c.Value)
	if c.Object != "" && !strings.Contains(text, c.Object) {
		text = clean(c.Object) + ": " + text
	}
	if c.Code != "" {
		text += " (" + clean(c.Code) + ")"
	}
	return text
}

// places and times are the codes of conflicts about one place or one period.
var placesAndTimes = []string{"E7612", "E7617", "E7636", "E7641", "E8022", "E8030", "E8031", "E8032", "E8033"}

// here reports whether a conflict is about the place or the period of a payload
// alone: others may be well, so that they need not wait.
func (c conflict) here(p payload) bool {
	if slices.Contains(placesAndTimes, c.Code) || c.Object != "" && c.Object == p.OrgUnit {
		return true
	}
	if strings.EqualFold(c.Property, "orgUnit") || strings.EqualFold(c.Property, "organisationUnit") {
		return true
	}
	for name, id := range c.Objects {
		if strings.EqualFold(name, "orgUnit") || strings.EqualFold(name, "organisationUnit") || id == p.OrgUnit {
			return true
		}
	}
	return false
}
