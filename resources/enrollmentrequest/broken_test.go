package enrollmentrequest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/profiles"
	"bima/resources/enrollmentrequest"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

// A failing server is one whose power is cut: of the commits of an operation it does
// the first few, and nothing after them.
type failing struct {
	fhir.Server
	left int
}

var errPower = errors.New("the power was cut")

func (f *failing) cut() error {
	if f.left == 0 {
		return errPower
	}
	f.left--
	return nil
}

func (f *failing) Commit(ctx context.Context, write func(fhir.Tx) error) error {
	if err := f.cut(); err != nil {
		return err
	}
	return f.Server.Commit(ctx, write)
}

// Operation is a commit: those that an enrolment calls make one each.
func (f *failing) Operation(ctx context.Context, code string, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if err := f.cut(); err != nil {
		return nil, err
	}
	return f.Server.Operation(ctx, code, on, in)
}

// now is the time of the tests, soon after the requests are made.
func now() time.Time { return time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC) }

func onEach(t *testing.T, test func(t *testing.T, w *resourcestest.World)) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			clock := &resourcestest.Clock{}
			clock.Set(t, now().Format(time.RFC3339))
			w := resourcestest.Timed(t, dsn(t), clock, house.Modules(resourcestest.Base)...)
			scheme, err := os.ReadFile("testdata/scheme.json")
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Bundle(scheme); err != nil {
				t.Fatal(err)
			}
			test(t, w)
		})
	}
}

// request is a Bundle that enrols somebody in a product.
func request(number, product, person string) *fhir.Resource {
	body := fmt.Sprintf(`{"resourceType":"Bundle","type":"collection","entry":[
		{"fullUrl":"https://emr.example.org/EnrollmentRequest/r","resource":{"resourceType":"EnrollmentRequest","id":"r","identifier":[{"system":"urn:emr","value":%q}],"status":"active","created":"2026-01-10","insurer":{"reference":"Organization/scheme"},"candidate":{"reference":"Patient/p"},"coverage":{"reference":"Coverage/c"}}},
		{"fullUrl":"https://emr.example.org/Patient/p","resource":{"resourceType":"Patient","id":"p","identifier":[{"system":%q,"value":%q}],"name":[{"family":"Atieno","given":["Purity"]}],"gender":"female","birthDate":"2000-05-04"}},
		{"fullUrl":"https://emr.example.org/Coverage/c","resource":{"resourceType":"Coverage","id":"c","status":"active","beneficiary":{"reference":"Patient/p"},"class":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/coverage-class","code":"plan"}]},"value":%q}],"payor":[{"reference":"Organization/scheme"}]}}]}`,
		number, national, person, product)
	return &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Body: []byte(body)}
}

const national = "https://bima.example/fhir/id/national-id"

func submit(w *resourcestest.World, s fhir.Server, in *fhir.Resource) (*fhir.Response, error) {
	operation := enrollmentrequest.Settings{Base: resourcestest.Base, Now: now}.Module().Operations[0]
	return operation.Handle(w.Context(), s, fhir.Key{Type: "EnrollmentRequest"}, in)
}

// whole fails unless somebody is in the register once, with one policy, one
// membership, and so many bills of so much.
func whole(t *testing.T, w *resourcestest.World, person, state string, bills ...string) {
	t.Helper()
	people := w.Search("Patient", "identifier="+national+"|"+person)
	if len(people) != 1 {
		t.Fatalf("%s is in the register %d times", person, len(people))
	}
	id := people[0].Get("id").Text()
	var states, amounts []string
	for _, policy := range w.Search("Contract", "subject=Patient/"+id) {
		states = append(states, policy.Extension(profiles.ExtensionPolicyState).Get("valueCode").Text())
	}
	for _, bill := range w.Search("Invoice", "subject=Patient/"+id) {
		amounts = append(amounts, bill.At("totalGross", "value").Text())
	}
	covers := w.Search("Coverage", "beneficiary=Patient/"+id)
	if fmt.Sprint(states) != fmt.Sprint([]string{state}) || len(covers) != 1 || fmt.Sprint(amounts) != fmt.Sprint(bills) {
		t.Errorf("%s has policies %v, %d memberships and bills of %v", person, states, len(covers), amounts)
	}
	if families := w.Search("Group", "member=Patient/"+id); len(families) > 1 {
		t.Errorf("%s is in %d families", person, len(families))
	}
}

// However far an enrolment came before the power was cut, sent again it is whole, and
// nothing of it is there twice.
func TestAnEnrolmentThatWasBrokenOffIsWholeWhenSentAgain(t *testing.T) {
	onEach(t, func(t *testing.T, w *resourcestest.World) {
		for _, c := range []struct {
			product, state string
			bills          []string
			steps          int // its commits
		}{
			{"PAID", "offered", []string{"12000"}, 3}, // registered, offered, answered
			{"FREE", "active", nil, 4},                // registered, offered, put in force, answered
		} {
			for cut := range c.steps {
				person := fmt.Sprint(c.product, cut)
				in := request(person, c.product, person)
				if _, err := submit(w, &failing{w.Engine, cut}, in); !errors.Is(err, errPower) {
					t.Fatalf("%s after %d commits: %v", c.product, cut, err)
				}
				for range 2 {
					response, err := submit(w, w.Engine, in)
					if err != nil || !strings.Contains(string(response.Resource.Body), `"outcome":"complete"`) {
						t.Fatalf("%s, sent again after %d commits: %v", c.product, cut, err)
					}
					whole(t, w, person, c.state, c.bills...)
				}
			}
			// With all its commits it is done.
			person := c.product + "-done"
			if _, err := submit(w, &failing{w.Engine, c.steps}, request(person, c.product, person)); err != nil {
				t.Errorf("%s with %d commits: %v", c.product, c.steps, err)
			}
			whole(t, w, person, c.state, c.bills...)
		}
	})
}

// The same request, and another for the same person, sent at once are one enrolment.
func TestEnrolmentsAtOnceAreOne(t *testing.T) {
	onEach(t, func(t *testing.T, w *resourcestest.World) {
		for _, c := range []struct {
			product, state string
			bills          []string
		}{{"PAID", "offered", []string{"12000"}}, {"FREE", "active", nil}} {
			var group sync.WaitGroup
			for i := range 8 {
				group.Go(func() {
					// Some may be told to try again; none that the scheme refuses what it has done.
					response, err := submit(w, w.Engine, request(fmt.Sprint(c.product, i%2), c.product, c.product))
					if err == nil && !strings.Contains(string(response.Resource.Body), `"outcome":"complete"`) {
						t.Errorf("%s, sent with others: %s", c.product, response.Resource.Body)
					}
				})
			}
			group.Wait()
			if _, err := submit(w, w.Engine, request(c.product+"0", c.product, c.product)); err != nil {
				t.Errorf("%s, sent again: %v", c.product, err)
			}
			whole(t, w, c.product, c.state, c.bills...)
		}
	})
}

// A Coverage that names no plan means the only one that is sold.
func TestThePlanThatIsMeant(t *testing.T) {
	onEach(t, func(t *testing.T, w *resourcestest.World) {
		unnamed := func(number string) string {
			in := request(number, "none", number)
			in.Body = []byte(strings.Replace(string(in.Body), `"class":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/coverage-class","code":"plan"}]},"value":"none"}],`, "", 1))
			response, err := submit(w, w.Engine, in)
			if err != nil {
				t.Fatal(err)
			}
			return string(response.Resource.Body)
		}
		if got := unnamed("two"); !strings.Contains(got, `"outcome":"error"`) || !strings.Contains(got, "there are 2") {
			t.Errorf("with two that are sold: %s", got)
		}
		w.Put(strings.Replace(string(w.Get("InsurancePlan/paid").Raw()), `"status":"active"`, `"status":"retired"`, 1))
		if got := unnamed("one"); !strings.Contains(got, `"outcome":"complete"`) || !strings.Contains(got, "Enrolled: covered by FREE") {
			t.Errorf("with one that is sold: %s", got)
		}
	})
}

// Days that are over can't be enrolled for: the scheme says so, and offers nothing.
func TestDaysThatAreOver(t *testing.T) {
	onEach(t, func(t *testing.T, w *resourcestest.World) {
		for number, period := range map[string]string{
			"days":  `{"start":"2024-01-01","end":"2024-12-31"}`,
			"year":  `{"end":"2024"}`,
			"early": `{"start":"2023-01-01"}`,
		} {
			in := request(number, "FREE", number)
			in.Body = []byte(strings.Replace(string(in.Body), `"class":[{`, `"period":`+period+`,"class":[{`, 1))
			response, err := submit(w, w.Engine, in)
			if err != nil {
				t.Fatalf("%s: %v", number, err)
			}
			got := string(response.Resource.Body)
			if !strings.Contains(got, `"outcome":"error"`) || !strings.Contains(got, "over") {
				t.Errorf("%s: %s", number, got)
			}
		}
		for _, c := range w.Search("Contract", "") {
			if got := c.Get("status").Text(); got != "cancelled" {
				t.Errorf("a policy of days that are over is %s", got)
			}
		}
	})
}
