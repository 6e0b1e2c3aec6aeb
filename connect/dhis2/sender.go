package dhis2

import (
	"context"
	"errors"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/subscription"
	"bima/profiles/indicator"
)

// Options say how a DHIS2 is told of numbers. The zero value is good.
type Options struct {
	// Ages are the years in which the second and each later band of age begins; none
	// is the default of indicator.Options.
	Ages []int
	// Months is how many months before the current one are counted anew when something
	// changes; 0 is 3, below 0 none. Those before are final.
	Months int
	// Zone decides which month it is; nil is UTC.
	Zone *time.Location
	// Now is the scheme's clock; nil is the machine's.
	Now func() time.Time
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

// Leaves implements subscription.Leaver: what is told of a report that is no longer
// complete is taken back.
func (s *Sender) Leaves() bool { return true }

// Send implements subscription.Sender: it sends the numbers of one month of one
// place, or takes them back. Quarters and years DHIS2 adds up by itself.
func (s *Sender) Send(ctx context.Context, call subscription.Call, e fhir.Event, version *fhir.Resource) (subscription.Verdict, error) {
	none := subscription.Verdict{}
	c, codes, err := s.under(ctx, call)
	if err != nil {
		return none, err
	}
	tellings, err := c.tellings(ctx, codes, e, version)
	if err != nil {
		return none, err
	}
	if len(tellings) == 0 {
		return none, nil
	}
	about := c.task(codeValues, e.Key.String())
	doubted, err := c.doubted(ctx, about)
	if err != nil {
		return none, err
	}
	trouble, of := judgement{}, payload{}
	for i := range tellings {
		t := &tellings[i]
		t.reopen = t.reopen || doubted && t.CompleteDate == ""
		j, err := c.tell(ctx, codes, t)
		if err != nil {
			return none, err
		}
		if trouble.trouble == "" {
			trouble, of = j, t.payload
		} else {
			trouble = trouble.and(j.trouble)
		}
	}
	if trouble.trouble != "" {
		return subscription.Verdict{Trouble: trouble.trouble}, c.raiseValues(ctx, e.Key, trouble, of)
	}
	return none, c.settle(ctx, about)
}

// doubted reports whether DHIS2 may hold a report for complete that is so no more: a
// Task about it waits, which may be about just that.
func (c *client) doubted(ctx context.Context, task string) (waits bool, err error) {
	if !c.set.complete {
		return false, nil
	}
	err = c.call.Server.View(ctx, func(r fhir.Reader) error {
		n, err := fhir.Tree(r, fhir.Key{Type: "Task", ID: task})
		waits = n.Exists() && n.Get("status").Text() != "completed"
		return err
	})
	return waits, err
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
