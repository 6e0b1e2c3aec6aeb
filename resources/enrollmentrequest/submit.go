package enrollmentrequest

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// An enrolment is one under way.
type enrolment struct {
	*message
	settings Settings
	server   fhir.Server
	person   fhir.Key
	insurer  fhir.Key
	plan     *plan
	holder   *standing
}

// submit is EnrollmentRequest/$submit. Each of its steps finds what an earlier,
// broken off attempt has done, so that it may be sent again. Source: IHE FAIS
// ITI-122.
func (s Settings) submit(ctx context.Context, server fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if err := officer(ctx); err != nil {
		return nil, err
	}
	who, _ := fhir.CallerOf(ctx)
	m, err := s.read(in, who)
	if err != nil {
		return nil, err
	}
	e := &enrolment{message: m, settings: s, server: server}
	answered, err := e.answered(ctx)
	if err == nil && !answered {
		err = e.enrol(ctx)
		// What is there already may have been done at this moment, by the same request or
		// another for the same person: once he is registered, and once his policy offered.
		for n := 0; n < 2 && fhir.HasIssue(err, fhir.IssueDuplicate); n++ {
			if err := e.settle(ctx); err != nil {
				return nil, err
			}
			err = e.enrol(ctx)
		}
		if err == nil || refused(err) {
			err = e.answer(ctx, err)
		}
	}
	if err != nil {
		return nil, err
	}
	return e.respond(ctx)
}

// settle waits until what others are writing of the person is there to be read: those
// who write together see one another's before anybody else does.
func (e *enrolment) settle(ctx context.Context) error {
	return e.server.Commit(ctx, func(tx fhir.Tx) error { return tx.Lock(requestType + " " + e.person.String()) })
}

// refused reports whether the scheme's rules say no, rather than that the request
// is wrong or could not be done.
func refused(err error) bool {
	return slices.Contains([]fhir.IssueType{fhir.IssueBusinessRule, fhir.IssueDuplicate, fhir.IssueNotFound, fhir.IssueNotSupported}, fhir.OutcomeOf(err).Issues[0].Code)
}

// answered reports whether the request was answered before. One that was refused
// is tried again: what stood against it may have been put right.
func (e *enrolment) answered(ctx context.Context) (bool, error) {
	complete, same := false, true
	err := e.server.View(ctx, func(r fhir.Reader) error {
		response, err := fhir.Tree(r, fhir.Key{Type: responseType, ID: e.id})
		if complete = response.Get("outcome").Text() == "complete"; err != nil || !complete {
			return err
		}
		request, err := fhir.Tree(r, fhir.Key{Type: requestType, ID: e.id})
		if err == nil {
			same, err = e.of(r, r4.Target(request.Get("candidate")))
		}
		return err
	})
	if err == nil && !same {
		err = fhir.Errorf(fhir.IssueConflict, requestType+".identifier", "%s/%s bears this number and is of somebody else; give this request its own number", requestType, e.id)
	}
	return complete, err
}

// of reports whether a person is the one who is to be enrolled.
func (e *enrolment) of(r fhir.Reader, was fhir.Key) (bool, error) {
	now, sent, err := e.message.person(r)
	if err != nil && refused(err) {
		return false, nil
	}
	if err != nil || !now.IsZero() || was.ID != e.id {
		return now == was, err
	}
	// He was registered by this request, and is known by nothing else.
	n, err := fhir.Tree(r, was)
	return agree(sent, n), err
}

// agree reports whether who was sent has nothing that somebody has not.
func agree(sent, there fhir.Node) bool {
	for _, element := range []string{"birthDate", "gender"} {
		if sent.Get(element).Text() != there.Get(element).Text() {
			return false
		}
	}
	for i := range sent.Get("identifier").Each() {
		if value := i.Get("value").Text(); value != there.Identifier(i.Get("system").Text()) {
			return false
		}
	}
	return true
}

// enrol registers the person and offers the policy, where they are not there.
func (e *enrolment) enrol(ctx context.Context) error {
	var sent, coverage fhir.Node
	err := e.server.View(ctx, func(r fhir.Reader) (err error) {
		if e.person, sent, err = e.message.person(r); err != nil {
			return err
		}
		if coverage = e.along("coverage"); !coverage.Exists() && e.request.Get("coverage").Exists() {
			if _, coverage, _, err = e.stored(r, e.request.Get("coverage"), "Coverage"); err != nil {
				return err
			}
		}
		e.plan, e.insurer, err = e.message.plan(r, coverage)
		return err
	})
	if err != nil {
		return err
	}
	if e.person.IsZero() {
		if e.person, err = e.register(ctx, e.server, sent); err != nil {
			return err
		}
	}
	if err := e.look(ctx); err != nil {
		return err
	}
	if e.holder == nil {
		if end := coverage.At("period", "end").Text(); end != "" && end < e.settings.today()[:min(len(end), len("2026-01-31"))] {
			return refuse(fhir.IssueBusinessRule, requestType+".coverage", "the Coverage asks for days up to %.10s, which are over; ask for days to come", end)
		}
		if err := e.offer(ctx, coverage.At("period", "start").Text()); err != nil {
			return err
		}
	}
	return e.activate(ctx)
}

// offer has a policy offered, for the days the Coverage says.
func (e *enrolment) offer(ctx context.Context, start string) error {
	var subject fhir.Key
	err := e.server.View(ctx, func(r fhir.Reader) (err error) { subject, err = e.family(r); return err })
	if err != nil {
		return err
	}
	today := e.settings.today()
	agreed := e.request.Get("created").Text()
	if agreed = agreed[:min(len(agreed), len(today))]; len(agreed) < len(today) || agreed > today {
		agreed = today
	}
	var body bytes.Buffer
	fmt.Fprintf(&body, `{"resourceType":"Parameters","parameter":[{"name":"subject","valueReference":{"reference":%q}},%s,{"name":"date","valueDate":%q}`, subject, e.plan.parameter(), agreed)
	if subject != e.person {
		fmt.Fprintf(&body, `,{"name":"member","valueReference":{"reference":%q}}`, e.person)
	}
	if len(start) >= len(today) {
		fmt.Fprintf(&body, `,{"name":"start","valueDate":%q}`, start[:len(today)])
	}
	body.WriteString(`]}`)
	offered, err := e.server.Operation(ctx, "offer", fhir.Key{Type: "Contract"}, &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body.Bytes()})
	if err != nil {
		return err
	}
	if err := e.look(ctx); err != nil || e.holder != nil {
		return err
	}
	if err := e.withdraw(ctx, offered); err != nil {
		return err
	}
	return refuse(fhir.IssueBusinessRule, requestType+".coverage", "a policy that was agreed on so early is over already; ask for a Coverage whose period begins later")
}

// withdraw cancels a policy that was just offered.
func (e *enrolment) withdraw(ctx context.Context, offered *fhir.Response) error {
	doc, err := fhir.Parse(offered.Resource.Body)
	if err != nil {
		return err
	}
	for p := range doc.Root().Get("parameter").Each() {
		if p.Get("name").Text() != "contract" {
			continue
		}
		key := fhir.Key{Type: "Contract", ID: p.At("resource", "id").Text()}
		if _, err := e.server.Operation(ctx, "cancel", key, nil); err != nil {
			return err
		}
	}
	return nil
}

// family gives whom the policy is for: the family that the person is in today, or
// himself.
func (e *enrolment) family(r fhir.Reader) (fhir.Key, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"Group"}, Limit: plansMax, Where: fhir.Match{
		Param: fhir.Param{Code: "member", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: e.person},
	}})
	if err != nil {
		return fhir.Key{}, err
	}
	today := e.settings.today()
	for _, g := range page.Resources {
		doc, err := fhir.Parse(g.Body)
		if err != nil {
			return fhir.Key{}, err
		}
		n := doc.Root()
		if n.Get("type").Text() != "person" || n.Get("active").Text() == "false" || n.Get("code").Code(profiles.SystemGroupKind) != "" {
			continue
		}
		for member := range n.Get("member").Each() {
			end := member.At("period", "end").Text()
			if r4.Target(member.Get("entity")) == e.person && member.Get("inactive").Text() != "true" && (end == "" || end >= today) {
				return g.Key, nil
			}
		}
	}
	return e.person, nil
}

// activate puts a policy in force that waits for nothing but that.
func (e *enrolment) activate(ctx context.Context) error {
	if e.holder == nil || e.holder.state != "ready" {
		return nil
	}
	_, err := e.server.Operation(ctx, "activate", e.holder.contract, nil)
	if err != nil {
		if err := e.settle(ctx); err != nil {
			return err
		}
	}
	if err := e.look(ctx); err != nil {
		return err
	}
	if e.holder != nil && e.holder.state == "active" {
		return nil // by whomever
	}
	return err
}
