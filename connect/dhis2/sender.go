package dhis2

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bima/fhir"
	"bima/fhir/subscription"
	"bima/profiles/indicator"
)

// Options say how a DHIS2 is told of numbers. The zero value is good.
type Options struct {
	// Ages are the years in which the second and each later band of age begins; none
	// is the default of indicator.Options.
	Ages []int
}

// A Sender tells DHIS2s of the numbers of MeasureReports. It is safe for concurrent
// use.
type Sender struct{ library library }

// New makes a Sender.
func New(o Options) *Sender { return &Sender{library: library{ages: o.Ages}} }

// Scheme implements subscription.Sender.
func (s *Sender) Scheme() string { return Scheme }

// Check implements subscription.Sender: the Endpoint must be there with settings
// that can be read, and the criteria be of MeasureReports.
func (s *Sender) Check(r fhir.Reader, n fhir.Node) error {
	if typ, _, _ := strings.Cut(n.Get("criteria").Text(), "?"); typ != "MeasureReport" {
		return fhir.Errorf(fhir.IssueNotSupported, atCriteria, "DHIS2 is told of MeasureReports only, by criteria such as MeasureReport?status=complete, not of %.40q", typ)
	}
	set, err := settingsOf(r, n)
	if err != nil {
		return err
	}
	c, err := s.library.from(r, set.prefix)
	if err != nil {
		return err
	}
	for ours := range set.dataSets {
		if _, known := c.pack.DataSet(ours); !known {
			return set.wrong("extension data-set", "%.40q is none of our data sets", ours)
		}
	}
	return nil
}

// under gives the client and the catalogue of a call.
func (s *Sender) under(ctx context.Context, call subscription.Call) (*client, *catalogue, error) {
	c := &client{call: call}
	var codes *catalogue
	err := call.Server.View(ctx, func(r fhir.Reader) (err error) {
		if c.set, err = settingsOf(r, call.Subscription); err != nil {
			return subscription.Refused(errors.New(fhir.OutcomeOf(err).Issues[0].Diagnostics))
		}
		codes, err = s.library.from(r, c.set.prefix)
		return err
	})
	return c, codes, err
}

// Send implements subscription.Sender: it sends the numbers of one month of one
// place. Quarters and years DHIS2 adds up by itself.
func (s *Sender) Send(ctx context.Context, call subscription.Call, e fhir.Event, version *fhir.Resource) (subscription.Verdict, error) {
	none := subscription.Verdict{}
	c, codes, err := s.under(ctx, call)
	if err != nil {
		return none, err
	}
	now, before, ok, err := c.versions(ctx, codes, e, version)
	if err != nil || !ok || now.period.Months != 1 {
		return none, err
	}
	p := c.set.payload(now, before)
	if len(p.DataValues) == 0 {
		return none, nil
	}
	if p.OrgUnit = c.unit(codes, now.place); p.OrgUnit == "" {
		trouble := fmt.Sprintf("nothing was sent of %s: what %s is to DHIS2 is not known", e.Key, now.place)
		return subscription.Verdict{Trouble: trouble}, c.raiseValues(ctx, e.Key, judgement{trouble: trouble}, p)
	}
	j, err := c.post(ctx, p, false)
	if err != nil {
		return none, err
	}
	if j.trouble != "" {
		return subscription.Verdict{Trouble: j.trouble}, c.raiseValues(ctx, e.Key, j, p)
	}
	return none, c.settle(ctx, c.task(codeValues, e.Key.String()))
}

// versions reads the report of an event and the version before it. Of one that was
// deleted all cells have vanished.
func (c *client) versions(ctx context.Context, codes *catalogue, e fhir.Event, version *fhir.Resource) (now, before report, ok bool, err error) {
	var old *fhir.Resource
	if e.Version > 1 {
		err = c.call.Server.View(ctx, func(r fhir.Reader) error {
			old, err = r.ReadVersion(e.Key, e.Version-1)
			if fhir.HasIssue(err, fhir.IssueNotFound) {
				old, err = nil, nil
			}
			return err
		})
	}
	if err != nil {
		return now, before, false, err
	}
	now, isNow, err := reportOf(codes.pack, version)
	if err != nil {
		return now, before, false, err
	}
	before, wasBefore, err := reportOf(codes.pack, old)
	if wasBefore && version == nil {
		now = before
		now.numbers = nil
		return now, before, true, err
	}
	if before.place != now.place || before.period != now.period || before.dataSet != now.dataSet {
		before = report{}
	}
	return now, before, isNow, err
}

func reportOf(pack *indicator.Package, r *fhir.Resource) (report, bool, error) {
	if r == nil || r.Deleted || r.Type != "MeasureReport" {
		return report{}, false, nil
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return report{}, false, err
	}
	found, ok := readReport(pack, doc.Root())
	return found, ok, nil
}

// unit gives what a place is to DHIS2; "" where that is not known.
func (c *client) unit(codes *catalogue, place string) string {
	if u := codes.byKey[place]; u != nil {
		return c.set.unit(u)
	}
	return ""
}
