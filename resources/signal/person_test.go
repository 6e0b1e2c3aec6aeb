package signal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A look is a claim, its person's other claims and what is said of it.
type look struct {
	name   string
	person string // members of the Patient
	others []bill
	claim  bill
	want   []string
}

// women and men who were born in 1990.
const (
	woman = `"gender":"female","birthDate":"1990-03-01"`
	man   = `"gender":"male","birthDate":"1990-03-01"`
)

var looks = []look{
	{name: "An ordinary visit has no signal.", claim: bill{days: "2026-09-14"}},

	{name: "A service the day after the death is told.", person: woman + `,"deceasedDateTime":"2026-09-13"`, claim: bill{days: "2026-09-14"}, want: []string{"after-death 60 Claim.item[0]"}},
	{name: "A service on the day of the death is not.", person: woman + `,"deceasedDateTime":"2026-09-14T03:00:00Z"`, claim: bill{days: "2026-09-14"}},
	{name: "A death of which only the month is known may be on its last day.", person: woman + `,"deceasedDateTime":"2026-09"`, claim: bill{days: "2026-09-30"}},
	{name: "A death without a day tells nothing.", person: woman + `,"deceasedBoolean":true`, claim: bill{days: "2026-09-14"}},
	{name: "A treatment that ended before the birth is told.", person: `"gender":"male","birthDate":"2026-09-15"`, claim: bill{days: "2026-09-14"}, want: []string{"before-birth 40 Claim.billablePeriod"}},
	{name: "One that ended on the day of the birth is not.", person: `"gender":"male","birthDate":"2026-09-14"`, claim: bill{days: "2026-09-13 2026-09-14"}},

	{name: "A man's delivery is told.", person: man, claim: bill{days: "2026-09-14", diagnosis: "O80.0"}, want: []string{"diagnosis-sex 40 Claim.diagnosis[0]"}},
	{name: "A woman's is not.", claim: bill{days: "2026-09-14", diagnosis: "O80.0"}},
	{name: "Of unknown sex nothing is told.", person: `"birthDate":"1990-03-01"`, claim: bill{days: "2026-09-14", diagnosis: "O80.0"}},
	{name: "A woman's prostate is told.", claim: bill{days: "2026-09-14", diagnosis: "C61"}, want: []string{"diagnosis-sex 40 Claim.diagnosis[0]"}},
	{name: "A pregnancy the day before the ninth birthday is told.", person: `"gender":"female","birthDate":"2017-09-15"`, claim: bill{days: "2026-09-14", diagnosis: "O26"}, want: []string{"diagnosis-age 25 Claim.diagnosis[0]"}},
	{name: "On the ninth birthday it is not.", person: `"gender":"female","birthDate":"2017-09-14"`, claim: bill{days: "2026-09-14", diagnosis: "O26"}},
	{name: "A condition of birth at eighteen is told.", person: `"gender":"male","birthDate":"2008-09-14"`, claim: bill{days: "2026-09-14", diagnosis: "P07.3"}, want: []string{"diagnosis-age 25 Claim.diagnosis[0]"}},
	{name: "At seventeen it is not.", person: `"gender":"male","birthDate":"2008-09-15"`, claim: bill{days: "2026-09-14", diagnosis: "P07.3"}},

	{
		name:   "The same service elsewhere three days before is told.",
		others: []bill{{days: "2026-09-11", facility: "f-2"}}, claim: bill{days: "2026-09-14"},
		want: []string{"duplicate-elsewhere 40 Claim.item[0]"},
	},
	{name: "Four days before it is not.", others: []bill{{days: "2026-09-10", facility: "f-2"}}, claim: bill{days: "2026-09-14"}},
	{name: "Another service is not.", others: []bill{{days: "2026-09-14", facility: "f-2", items: "S-2 1 1000"}}, claim: bill{days: "2026-09-14"}},
	{
		name:   "Of a patient who was referred it weighs less.",
		others: []bill{{days: "2026-09-13", facility: "f-2"}}, claim: bill{days: "2026-09-14", referred: true},
		want: []string{"duplicate-elsewhere 15 Claim.item[0]"},
	},
	{name: "A cancelled claim elsewhere is none.", others: []bill{{days: "2026-09-14", facility: "f-2", status: "cancelled"}}, claim: bill{days: "2026-09-14"}},
	{
		name:   "All the same services at the facility seven days before are told.",
		others: []bill{{days: "2026-09-07", items: "S-2 1 500, S-1 1 1000"}}, claim: bill{days: "2026-09-14", items: "S-1 1 1000, S-2 1 500"},
		want: []string{"repeated-claim 30 Claim.item"},
	},
	{name: "Eight days before they are not.", others: []bill{{days: "2026-09-06"}}, claim: bill{days: "2026-09-14"}},
	{name: "One service more is not the same.", others: []bill{{days: "2026-09-14", items: "S-1 1 1000, S-2 1 500"}}, claim: bill{days: "2026-09-14"}},

	{
		name:   "Two stays that share a night are told, at one facility too.",
		others: []bill{{days: "2026-09-10 2026-09-15", items: "S-2 5 500"}}, claim: bill{days: "2026-09-14 2026-09-16"},
		want: []string{"overlapping-admission 50 Claim.billablePeriod"},
	},
	{
		name:   "A visit elsewhere during a stay hides no stay that overlaps it.",
		others: []bill{{days: "2026-09-10 2026-09-15", items: "S-2 5 500"}, {days: "2026-09-15", facility: "f-2", items: "S-3 1 500"}}, claim: bill{days: "2026-09-14 2026-09-16"},
		want: []string{"overlapping-admission 50 Claim.billablePeriod", "visit-during-admission 25 Claim.billablePeriod"},
	},
	{name: "A transfer shares a day and no night.", others: []bill{{days: "2026-09-10 2026-09-14", facility: "f-2", items: "S-2 4 500"}}, claim: bill{days: "2026-09-14 2026-09-16"}},
	{
		name:   "A visit elsewhere in the midst of a stay is told.",
		others: []bill{{days: "2026-09-13 2026-09-15", facility: "f-2", items: "S-2 2 500"}}, claim: bill{days: "2026-09-14"},
		want: []string{"visit-during-admission 25 Claim.billablePeriod"},
	},
	{name: "On the day of admission it is not.", others: []bill{{days: "2026-09-14 2026-09-16", facility: "f-2", items: "S-2 2 500"}}, claim: bill{days: "2026-09-14"}},
	{
		name:   "Three facilities on a day are told.",
		others: []bill{{days: "2026-09-14", facility: "f-2", items: "S-2 1 500"}, {days: "2026-09-14", facility: "f-3", items: "S-3 1 500"}}, claim: bill{days: "2026-09-14"},
		want: []string{"many-facilities 20 Claim.provider"},
	},
	{name: "Two are not.", others: []bill{{days: "2026-09-14", facility: "f-2", items: "S-2 1 500"}, {days: "2026-09-13", facility: "f-3", items: "S-3 1 500"}}, claim: bill{days: "2026-09-14"}},
	{
		name:   "The score is not more than a hundred, the heaviest signal first.",
		person: man + `,"deceasedDateTime":"2026-09-01"`, others: []bill{{days: "2026-09-14", facility: "f-2"}}, claim: bill{days: "2026-09-14", diagnosis: "O80"},
		want: []string{"after-death 60 Claim.item[0]", "diagnosis-sex 40 Claim.diagnosis[0]", "duplicate-elsewhere 40 Claim.item[0]"},
	},
}

func TestSignalsOfOnePersonsClaims(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.Put(facility("f-1", "H"), facility("f-2", "H"), facility("f-3", "D"))
		w.clock.Set(t, "2026-10-01")
		for i, l := range looks {
			person := fmt.Sprintf("p-%d", i)
			bodies := []string{fmt.Sprintf(`{"resourceType":"Patient","id":%q,%s}`, person, or(l.person, woman))}
			for j, b := range append(l.others, l.claim) {
				b.patient, b.id = "Patient/"+person, fmt.Sprintf("c-%d-%d", i, len(l.others)-j)
				bodies = append(bodies, b.String())
			}
			w.Put(bodies...)
		}
		for i, l := range looks {
			t.Run(l.name, func(t *testing.T) {
				got, _, score := w.report(t, fmt.Sprintf("c-%d-0", i))
				if diff := cmp.Diff(l.want, got); diff != "" {
					t.Errorf("signals (-want +got)\n%s", diff)
				}
				sum := 0
				for _, s := range l.want {
					var code, at string
					var points int
					fmt.Sscan(strings.TrimSpace(s), &code, &points, &at)
					sum += points
				}
				if want := fmt.Sprint(min(sum, 100)); score != want {
					t.Errorf("score %s, want %s", score, want)
				}
			})
		}
	})
}
