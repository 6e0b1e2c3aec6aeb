package feedback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/parameters"
	"bima/fhir/r4"
	"bima/profiles"
)

// The five questions, by openIMIS's codes.
const (
	careRendered   = "CareRendered"
	paymentAsked   = "PaymentAsked"
	drugPrescribed = "DrugPrescribed"
	drugReceived   = "DrugReceived"
	assessment     = "Asessment"
)

// questions are what is asked, in order.
var questions = []struct{ code, text string }{
	{careRendered, "Was care rendered? (yes|no)"},
	{paymentAsked, "Was a payment asked for? (yes|no)"},
	{drugPrescribed, "Was a drug prescribed? (yes|no)"},
	{drugReceived, "Was the drug received? (yes|no)"},
	{assessment, "What is the overall assessment? (0|1|2|3|4|5)"},
}

// States of openIMIS, codes of feedback-status.
const (
	selected  = "4"
	delivered = "8"
	bypassed  = "16"
)

// requestKey gives the request of a claim: there is one at most.
func requestKey(claim fhir.Key) fhir.Key {
	id := "feedback-" + claim.ID
	if !fhir.ValidID(id) {
		sum := sha256.Sum256([]byte(claim.ID))
		id = "feedback-" + hex.EncodeToString(sum[:16])
	}
	return fhir.Key{Type: "CommunicationRequest", ID: id}
}

// An asking says how the patient of a claim is asked.
type asking struct {
	reason    string
	recipient fhir.Key // zero leaves it to the place
	days      int      // 0 leaves it to the scheme
}

// ask makes the request for feedback on a decided claim, unless there is one.
func (s Settings) ask(tx fhir.Tx, claim fhir.Key, a asking) (fhir.Key, error) {
	key := requestKey(claim)
	if err := tx.Lock(key.String()); err != nil {
		return key, err
	}
	there, err := fhir.Tree(tx, key)
	if err != nil || there.Exists() {
		return key, err
	}
	response, err := fhir.Tree(tx, fhir.Key{Type: "ClaimResponse", ID: claim.ID})
	if err != nil {
		return key, err
	}
	if _, ok := decidedBy(response); !ok {
		return key, refuse("Claim", "%s is not decided, or was withdrawn: patients are asked about claims that were decided", claim)
	}
	n, err := fhir.Tree(tx, claim)
	if err != nil {
		return key, err
	}
	patient := r4.Target(n.Get("patient"))
	if patient.Type != "Patient" {
		return key, refuse("Claim.patient", "%s names no Patient of this server, so nobody can be asked", claim)
	}
	now := tx.Now().In(s.Zone)
	if a.recipient.IsZero() {
		if a.recipient, err = whoServes(tx, patient, now); err != nil {
			return key, err
		}
	}
	if a.days == 0 {
		a.days = s.Days
	}
	body := request(key, claim, patient, a, now)
	if facility := r4.Target(n.Get("provider")); !facility.IsZero() {
		body["about"] = append(body["about"].([]object), object{"reference": facility.String()})
	}
	_, err = tx.Update(&fhir.Resource{Key: key, Body: datatype.JSON(body)}, 0)
	return key, err
}

// request writes the CommunicationRequest: to whom the questions go and until when
// they are due, or that there is nobody yet.
func request(key, claim, patient fhir.Key, a asking, now time.Time) object {
	var payload []object
	for _, q := range questions {
		payload = append(payload, object{
			"extension": []object{{
				"url":                  profiles.ExtensionOpenIMISPayloadType,
				"valueCodeableConcept": object{"coding": []object{{"system": profiles.SystemOpenIMISFeedbackPayload, "code": q.code}}},
			}},
			"contentString": q.text,
		})
	}
	body := object{
		"resourceType": "CommunicationRequest", "id": key.ID,
		"status": "active", "statusReason": reason(a.reason, selected),
		"category": []object{{"coding": []object{{"system": profiles.SystemCommunication, "code": "feedback"}}}},
		"priority": "routine",
		"subject":  object{"reference": patient.String()},
		"about":    []object{{"reference": claim.String()}},
		"payload":  payload, "occurrenceDateTime": now.AddDate(0, 0, a.days).Format(time.DateOnly),
		"authoredOn": now.Format(time.RFC3339),
	}
	if a.recipient.IsZero() {
		body["status"], body["statusReason"] = "on-hold", reason("no-officer", selected)
		return body
	}
	body["recipient"] = []object{{"reference": a.recipient.String()}}
	return body
}

// reason says why a request stands as it does, with openIMIS's state.
func reason(code, state string) object {
	return object{"coding": []object{{"system": profiles.SystemFeedbackReason, "code": code}, {"system": profiles.SystemOpenIMISFeedbackStatus, "code": state}}}
}

// isFeedback reports whether a CommunicationRequest or Communication is one of ours.
func isFeedback(n fhir.Node) bool {
	for c := range n.Get("category").Each() {
		if c.Code(profiles.SystemCommunication) == "feedback" {
			return true
		}
	}
	return false
}

// isOpen reports whether a request waits for its answer.
func isOpen(n fhir.Node) bool {
	status := n.Get("status").Text()
	return isFeedback(n) && (status == "active" || status == "on-hold")
}

// move gives a request another state.
func move(tx fhir.Tx, k fhir.Key, n fhir.Node, status string, why object, more object) error {
	edit := fhir.NewEdit(n.Document())
	edit.Set(n, "status", datatype.JSON(status))
	edit.Set(n, "statusReason", datatype.JSON(why))
	for name, value := range more {
		edit.Set(n, name, datatype.JSON(value))
	}
	_, err := tx.Update(&fhir.Resource{Key: k, Body: edit.Bytes()}, 0)
	return err
}

// request is Claim/[id]/$request-feedback.
func (s Settings) request(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	f, err := parameters.Of(in)
	if err != nil {
		return nil, err
	}
	if err := f.Only("recipient", "days"); err != nil {
		return nil, err
	}
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	a := asking{reason: "manual"}
	if days := f.Value("days"); days.Exists() {
		if a.days, err = strconv.Atoi(days.Text()); err != nil || a.days < 1 || a.days > daysMax {
			return nil, fhir.Errorf(fhir.IssueValue, parameters.Expression("days"), "there are from 1 to %d days to answer", daysMax)
		}
	}
	response := &fhir.Response{Status: 201}
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		if _, err := tx.Read(on); err != nil {
			return err
		}
		if to := f.Value("recipient"); to.Exists() {
			if a.recipient, err = recipient(tx, to); err != nil {
				return err
			}
		}
		response.Location, err = s.ask(tx, on, a)
		return err
	})
	return answered(ctx, server, response, err)
}

// answered completes a Response by the resource at its Location.
func answered(ctx context.Context, server fhir.Server, response *fhir.Response, err error) (*fhir.Response, error) {
	if err != nil {
		return nil, err
	}
	err = server.View(ctx, func(r fhir.Reader) (err error) {
		response.Resource, err = r.Read(response.Location)
		return err
	})
	return response, err
}

// mayAsk refuses facilities: whom patients are asked about is not theirs to say.
func mayAsk(ctx context.Context) error {
	caller, _ := fhir.CallerOf(ctx)
	if caller.Has(fhir.RoleFacility) && !caller.Has(fhir.RoleAdministrator) {
		return fhir.Detailf(fhir.IssueForbidden, detailFeedback, "", "patients are asked about facilities by others; this is for the roles %s and %s", fhir.RoleReviewer, fhir.RoleEnrolmentOfficer)
	}
	return nil
}

// recipient reads who is to ask.
func recipient(r fhir.Reader, to fhir.Node) (fhir.Key, error) {
	k := r4.Target(to)
	n, err := fhir.Tree(r, k)
	if err == nil && (!n.Exists() || k.Type != "PractitionerRole" && k.Type != "Practitioner") {
		err = refuse(parameters.Expression("recipient"), "a patient is asked by a PractitionerRole or Practitioner of this server")
	}
	return k, err
}

// bypass is CommunicationRequest/[id]/$bypass.
func (s Settings) bypass(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	f, err := parameters.Of(in)
	if err != nil {
		return nil, err
	}
	why := f.Value("reason").Text()
	if why == "" {
		return nil, fhir.Detailf(fhir.IssueRequired, detailFeedback, parameters.Expression("reason"), "say why nobody needs to answer")
	}
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		if err := tx.Lock(on.String()); err != nil {
			return err
		}
		stored, err := tx.Read(on)
		if err != nil {
			return err
		}
		doc, err := fhir.Parse(stored.Body)
		if err != nil {
			return err
		}
		n := doc.Root()
		if !isOpen(n) {
			return refuse("CommunicationRequest.status", "%s is %s: only a request for feedback that is open is let go", on, n.Get("status").Text())
		}
		state := reason("bypassed", bypassed)
		state["text"] = why
		return move(tx, on, n, "revoked", state, nil)
	})
	return answered(ctx, server, &fhir.Response{Location: on}, err)
}

// An object is JSON that is written.
type object = map[string]any
