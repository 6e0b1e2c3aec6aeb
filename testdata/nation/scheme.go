package nation

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"bima/testdata/scheme"
)

// A base is what a nation takes from the demo scheme: the resources every scheme
// needs, and its claims, by which new ones are drawn.
type base struct {
	shared   []resource
	plan     string // the reference to the product
	product  []byte // the InsurancePlan
	episodes [][]episode
}

// A resource is one of the demo scheme's, as it is there.
type resource struct {
	typ  string
	body []byte
}

// An episode is what brings a person to a facility and what is done there, as a
// claim of the demo scheme tells it.
type episode struct {
	visit, icd string
	nights     int
	items      []item
	female     bool // whether it befalls women only
	adult      bool // whether it befalls adults only
}

type item struct {
	code, display   string
	quantity, price json.Number
	day             int // of the stay, from 0
}

// demoClaim is the part of a demo Claim that an episode is made of.
type demoClaim struct {
	Patient, Provider struct{ Reference string }
	SubType           codeable
	BillablePeriod    struct{ Start, End string }
	Diagnosis         []struct{ DiagnosisCodeableConcept codeable }
	Item              []struct {
		ProductOrService    codeable
		ServicedDate        string
		Quantity, UnitPrice struct{ Value json.Number }
	}
}

type codeable struct {
	Coding []struct{ Code, Display string }
}

func (c codeable) code() string { return c.Coding[0].Code }

// facilityLevels are those of the demo scheme's facilities.
var facilityLevels = map[string]int{
	"Organization/facility-1": dispensary, "Organization/facility-2": healthCentre, "Organization/facility-3": hospital,
}

// readScheme takes the demo scheme apart.
func readScheme() (*base, error) {
	b := &base{episodes: make([][]episode, len(levels))}
	patients := map[string]struct{ Gender, BirthDate string }{}
	for _, file := range scheme.Files() {
		var bundle struct {
			Entry []struct{ Resource json.RawMessage }
		}
		if err := json.Unmarshal(file.Body, &bundle); err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name, err)
		}
		for _, entry := range bundle.Entry {
			var head struct{ ResourceType, ID, Gender, BirthDate string }
			if err := json.Unmarshal(entry.Resource, &head); err != nil {
				return nil, err
			}
			switch head.ResourceType {
			case "CodeSystem", "ChargeItemDefinition":
				if file.Name > "10" {
					b.shared = append(b.shared, resource{head.ResourceType, entry.Resource})
				}
			case "InsurancePlan":
				body, err := everywhere(entry.Resource)
				if err != nil {
					return nil, err
				}
				b.plan, b.product = "InsurancePlan/"+head.ID, body
			case "Organization":
				if !strings.HasPrefix(head.ID, "facility-") {
					b.shared = append(b.shared, resource{head.ResourceType, entry.Resource})
				}
			case "Patient":
				patients["Patient/"+head.ID] = struct{ Gender, BirthDate string }{head.Gender, head.BirthDate}
			case "Claim":
				var c demoClaim
				if err := json.Unmarshal(entry.Resource, &c); err != nil {
					return nil, err
				}
				p := patients[c.Patient.Reference]
				e := c.episode()
				e.female = e.icd[0] == 'O' || e.icd[0] == 'Z'
				e.adult = e.female || p.BirthDate < "2008"
				kind := facilityLevels[c.Provider.Reference]
				b.episodes[kind] = append(b.episodes[kind], e)
			}
		}
	}
	return b, nil
}

func (c demoClaim) episode() episode {
	e := episode{visit: c.SubType.code(), icd: c.Diagnosis[0].DiagnosisCodeableConcept.code(), nights: days(c.BillablePeriod.Start, c.BillablePeriod.End)}
	for _, i := range c.Item {
		day := 0
		if i.ServicedDate != "" {
			day = days(c.BillablePeriod.Start, i.ServicedDate)
		}
		product := i.ProductOrService.Coding[0]
		e.items = append(e.items, item{product.Code, product.Display, i.Quantity.Value, i.UnitPrice.Value, min(max(day, 0), e.nights)})
	}
	return e
}

// days counts from one date to another; a date that is none counts 0.
func days(from, to string) int {
	a, errA := time.Parse(time.DateOnly, from)
	b, errB := time.Parse(time.DateOnly, to)
	if errA != nil || errB != nil {
		return 0
	}
	return int(b.Sub(a).Hours() / 24)
}

// everywhere makes the demo's district product a national one: it is sold in the
// whole country and used at every facility.
func everywhere(product []byte) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(product, &members); err != nil {
		return nil, err
	}
	var coverages []map[string]json.RawMessage
	if err := json.Unmarshal(members["coverage"], &coverages); err != nil {
		return nil, err
	}
	for _, coverage := range coverages {
		delete(coverage, "network")
	}
	rewritten, err := json.Marshal(coverages)
	if err != nil {
		return nil, err
	}
	members["coverage"] = rewritten
	members["coverageArea"] = json.RawMessage(`[{"reference":"Location/nation"}]`)
	return json.Marshal(members)
}

// shared writes what the demo scheme and every nation have in common.
func (n *nation) shared() {
	for _, r := range n.base.shared {
		n.put(r.typ, "%s", r.body)
	}
}
