package feedback

import (
	"context"
	"fmt"
	"slices"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/r4"
	"bima/profiles"
)

// An answer is what a patient said, read from a Communication.
type answer struct {
	claim      fhir.Key
	yes        map[string]bool
	assessment int
}

// poor is the worst assessment that still does not speak against a facility.
const poor = 2

// isAnswer reports whether a Communication answers the questions of feedback: it
// says so, or has one of their codes.
func isAnswer(n fhir.Node) bool {
	if isFeedback(n) {
		return true
	}
	for p := range n.Get("payload").Each() {
		if p.Extension(profiles.ExtensionOpenIMISPayloadType).Exists() {
			return true
		}
	}
	return false
}

// read reads an answer, and tells all that is wrong with it.
func read(n fhir.Node) (answer, error) {
	a := answer{yes: map[string]bool{}}
	o := &fhir.Outcome{}
	wrong := func(at, format string, args ...any) {
		o.Issues = append(o.Issues, fhir.Issue{
			Severity: fhir.SeverityError, Code: fhir.IssueBusinessRule, Detail: detailFeedback,
			Expression: "Communication." + at, Diagnostics: fmt.Sprintf(format, args...),
		})
	}
	if n.Get("status").Text() != "completed" {
		wrong("status", "the patient has answered: the status is completed")
	}
	for about := range n.Get("about").Each() {
		if k := r4.Target(about); k.Type == "Claim" {
			if !a.claim.IsZero() {
				wrong("about", "an answer is about one Claim")
			}
			a.claim = k
		}
	}
	if a.claim.IsZero() {
		wrong("about", "say which Claim the patient was asked about: Claim/[id]")
	}
	if r4.Target(n.Get("subject")).Type != "Patient" {
		wrong("subject", "say which Patient answered: Patient/[id]")
	}
	seen := map[string]bool{}
	i := 0
	for p := range n.Get("payload").Each() {
		a.question(p, i, seen, wrong)
		i++
	}
	for _, q := range questions {
		if !seen[q.code] {
			wrong("payload", "the question %s is not answered; all five are", q.code)
		}
	}
	if len(o.Issues) > 0 {
		return a, o
	}
	return a, nil
}

// question reads the answer to one question.
func (a *answer) question(p fhir.Node, i int, seen map[string]bool, wrong func(at, format string, args ...any)) {
	at := fmt.Sprintf("payload[%d]", i)
	code := p.Extension(profiles.ExtensionOpenIMISPayloadType).Get("valueCodeableConcept").Code(profiles.SystemOpenIMISFeedbackPayload)
	known := false
	for _, q := range questions {
		known = known || q.code == code
	}
	text := p.Get("contentString").Text()
	switch {
	case !known:
		wrong(at+".extension", "a payload answers one of the five questions: its extension %s has a code of %s, not %.40q", profiles.ExtensionOpenIMISPayloadType, profiles.SystemOpenIMISFeedbackPayload, code)
		return
	case seen[code]:
		wrong(at, "the question %s is answered twice", code)
	case code == assessment && !slices.Contains([]string{"0", "1", "2", "3", "4", "5"}, text):
		wrong(at+".contentString", "the assessment is a number from 0 to 5, not %.20q", text)
	case code == assessment:
		a.assessment = int(text[0] - '0')
	case text != "yes" && text != "no":
		wrong(at+".contentString", "%s is answered by yes or no, not by %.20q", code, text)
	}
	seen[code] = true
	a.yes[code] = text == "yes"
}

// check refuses answers that say too little, or what nobody was asked. It is asked
// once more where the answer is stored, when nobody else can answer.
func check(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	if c.After == nil || !isAnswer(c.Node) || c.Node.Get("status").Text() == "entered-in-error" {
		return nil
	}
	if err := mayAsk(ctx); err != nil {
		return err
	}
	a, err := read(c.Node)
	if err != nil {
		return err
	}
	_, _, err = asked(r, c, a)
	return err
}

// asked gives the request that an answer is to.
func asked(r fhir.Reader, c fhir.Change, a answer) (fhir.Key, fhir.Node, error) {
	key := requestKey(a.claim)
	request, err := fhir.Tree(r, key)
	if err != nil {
		return key, request, err
	}
	if !isFeedback(request) {
		return key, request, refuse("Communication.about", "nobody was asked about %s; a request for it is made by %s/$request-feedback", a.claim, a.claim)
	}
	if subject := r4.Target(c.Node.Get("subject")); subject != r4.Target(request.Get("subject")) {
		return key, request, refuse("Communication.subject", "%s is the claim of another patient", a.claim)
	}
	if by := request.Extension(profiles.ExtensionFeedbackAnswer).Get("valueReference"); by.Exists() && r4.Target(by) == c.Key {
		return key, request, nil
	}
	switch {
	case request.Get("status").Text() == "completed":
		return key, request, fhir.Detailf(fhir.IssueDuplicate, detailFeedback, "Communication.about", "the patient was asked about %s and has answered; correct that answer, or mark it as entered in error first", a.claim)
	case !isOpen(request):
		return key, request, refuse("Communication.about", "%s is closed; who may reopens it by giving it the status active and a new day", key)
	}
	return key, request, nil
}

// react closes the requests that were answered and counts the answers, and takes
// back what is no answer any more.
func (s Settings) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || c.Node.Get("status").Text() == "entered-in-error" {
			if err := s.takeBack(tx, c); err != nil {
				return err
			}
			continue
		}
		if !isAnswer(c.Node) {
			continue
		}
		a, err := read(c.Node)
		if err != nil {
			return err
		}
		if err := s.close(tx, c, a); err != nil {
			return err
		}
	}
	return nil
}

// close counts an answer and closes its request.
func (s Settings) close(tx fhir.Tx, c fhir.Change, a answer) error {
	if err := tx.Lock(requestKey(a.claim).String()); err != nil {
		return err
	}
	key, request, err := asked(tx, c, a)
	if err != nil {
		return err
	}
	if err := tx.Post(c.Key, a.entries(facilityIn(request), adjudication.DayOf(tx.Now().In(s.Zone)))); err != nil {
		return err
	}
	if !isOpen(request) {
		return nil // an answer that was corrected
	}
	edit := fhir.NewEdit(request.Document())
	edit.Set(request, "status", datatype.JSON("completed"))
	edit.Set(request, "statusReason", datatype.JSON(reason("delivered", delivered)))
	edit.SetExtension(request, profiles.ExtensionFeedbackAnswer, "valueReference", datatype.JSON(object{"reference": c.Key.String()}))
	_, err = tx.Update(&fhir.Resource{Key: key, Body: edit.Bytes()}, 0)
	return err
}

// takeBack forgets what an answer counted, and asks again.
func (s Settings) takeBack(tx fhir.Tx, c fhir.Change) error {
	if c.Before == nil {
		return nil
	}
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil || !isAnswer(doc.Root()) || doc.Root().Get("status").Text() == "entered-in-error" {
		return err
	}
	if err := tx.Post(c.Key, nil); err != nil {
		return err
	}
	a, err := read(doc.Root())
	if err != nil {
		return nil // it never was one
	}
	key := requestKey(a.claim)
	if err := tx.Lock(key.String()); err != nil {
		return err
	}
	request, err := fhir.Tree(tx, key)
	if err != nil || r4.Target(request.Extension(profiles.ExtensionFeedbackAnswer).Get("valueReference")) != c.Key {
		return err
	}
	status, why := "active", reason("manual", selected)
	if !request.Get("recipient").Exists() {
		status, why = "on-hold", reason("no-officer", selected)
	}
	return move(tx, key, request, status, why, nil)
}

// facilityIn gives the facility that a request is about; zero where it is not known.
func facilityIn(request fhir.Node) fhir.Key {
	for about := range request.Get("about").Each() {
		if k := r4.Target(about); k.Type == "Organization" {
			return k
		}
	}
	return fhir.Key{}
}

// The buckets of an account of feedback.
const (
	bucketAnswers     = "answers"
	bucketNegative    = "negative"
	bucketNotRendered = "not-rendered"
	bucketPayment     = "payment-asked"
	bucketDrugs       = "drugs-not-received"
	bucketPoor        = "poor"
	bucketAssessment  = "assessment" // the sum
)

func accountOf(facility fhir.Key) string { return "feedback|" + facility.String() }

// entries gives what an answer counts: each reason that speaks against the
// facility, and whether there is one.
func (a answer) entries(facility fhir.Key, day adjudication.Day) []fhir.Entry {
	if facility.IsZero() {
		return nil
	}
	account := accountOf(facility)
	list := []fhir.Entry{{Account: account, Bucket: bucketAnswers, Day: day, Value: 1}}
	if a.assessment > 0 {
		list = append(list, fhir.Entry{Account: account, Bucket: bucketAssessment, Day: day, Value: int64(a.assessment)})
	}
	against := false
	for _, one := range []struct {
		bucket string
		holds  bool
	}{
		{bucketNotRendered, !a.yes[careRendered]},
		{bucketPayment, a.yes[paymentAsked]},
		{bucketDrugs, a.yes[drugPrescribed] && !a.yes[drugReceived]},
		{bucketPoor, a.assessment < poor},
	} {
		if one.holds {
			against = true
			list = append(list, fhir.Entry{Account: account, Bucket: one.bucket, Day: day, Value: 1})
		}
	}
	if against {
		list = append(list, fhir.Entry{Account: account, Bucket: bucketNegative, Day: day, Value: 1},
			fhir.Entry{Account: facts.ComplaintAccount(facility), Bucket: facts.BucketClaims, Day: day, Value: 1})
	}
	return list
}
