package stu3

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bima/fhir"
)

// kept are the elements of the registers that STU3 and R4 write alike, and that the
// clients read.
var kept = map[string][]string{
	"Patient":      {"telecom", "gender", "birthDate", "maritalStatus", "photo"},
	"Practitioner": {"name", "telecom", "gender", "birthDate"},
	"Organization": {"name"}, // as a Location
	"Location":     {"status", "name", "description", "mode", "telecom", "address", "physicalType", "managingOrganization", "partOf"},
}

// numberTypes are openIMIS's types of the numbers that clients know, by type.
var numberTypes = map[string]string{"Patient": "SB", "Location": "FI", "Practitioner": "FILL", "Organization": "FI"}

// A registered is a person, worker or place of a register in STU3.
type registered struct {
	ResourceType    string       `json:"resourceType"`
	ID              string       `json:"id"`
	Identifier      []identifier `json:"identifier"`
	Active          *bool        `json:"active,omitempty"`
	Names           []humanName  `json:"name,omitempty"`
	DeceasedBoolean *bool        `json:"deceasedBoolean,omitempty"`
	Type            *concept     `json:"type,omitempty"`
	Address         []address    `json:"address,omitempty"` // of people; a place has one, which is in alike

	alike []fhir.Node // what is written as it stands
}

// MarshalJSON implements json.Marshaler.
func (r registered) MarshalJSON() ([]byte, error) {
	type plain registered
	text, err := json.Marshal(plain(r))
	if err != nil {
		return nil, err
	}
	text = text[:len(text)-1]
	for _, n := range r.alike {
		text = fmt.Appendf(text, ",%q:%s", n.Name(), n.Raw())
	}
	return append(text, '}'), nil
}

// newRegistered translates a resource of a register.
func newRegistered(n fhir.Node, typ string) registered {
	r := registered{ResourceType: typ, ID: n.Get("id").Text(), Identifier: identifiersOf(n)}
	for _, name := range kept[n.Get("resourceType").Text()] {
		if e := n.Get(name); e.Exists() {
			r.alike = append(r.alike, e)
		}
	}
	if typ != "Location" {
		active := n.Get("active").Text() != "false"
		r.Active, r.Address = &active, addressesOf(n)
	} else {
		r.Type = coded(n.Get("type").First())
	}
	if typ == "Patient" {
		dead := n.Get("deceasedDateTime").Exists() || n.Get("deceasedBoolean").Text() == "true"
		r.Names, r.DeceasedBoolean = namesOf(n), &dead
	}
	return r
}

// identifiersOf gives our id as exactly one of the type ACSN, by which clients
// import, the number that both know, and the others as they are. Each has a use,
// and one of a person no system: OpenMRS fails on one without a use, and takes a
// system for the name of one of its own types, which an import fails without.
func identifiersOf(n fhir.Node) []identifier {
	list := []identifier{numbered3("ACSN", n.Get("id").Text())}
	typ := n.Get("resourceType").Text()
	for i := range n.Get("identifier").Each() {
		one := identifier{Use: i.Get("use").Text(), System: i.Get("system").Text(), Value: i.Get("value").Text()}
		if typed := conceptOf(i.Get("type")); !typed.empty() {
			typed.Coding = slices.DeleteFunc(typed.Coding, func(c coding) bool { return strings.EqualFold(c.Code, "ACSN") })
			one.Type = &typed
		}
		if one.System == numberSystems[typ] {
			one.Type = &concept{Coding: []coding{{System: systemNumberType, Code: numberTypes[typ]}}}
		}
		if one.Use == "old" || one.Value == "" {
			continue
		}
		if one.Use == "" {
			one.Use = "usual"
		}
		if typ == "Patient" {
			one.System = ""
		}
		list = append(list, one)
	}
	return list
}

// An address is an Address.
type address struct {
	Use        string   `json:"use"`
	Type       string   `json:"type,omitempty"`
	Text       string   `json:"text,omitempty"`
	Line       []string `json:"line,omitempty"`
	City       string   `json:"city,omitempty"`
	District   string   `json:"district,omitempty"`
	State      string   `json:"state,omitempty"`
	PostalCode string   `json:"postalCode,omitempty"`
	Country    string   `json:"country,omitempty"`
	Period     *period  `json:"period,omitempty"`
}

// addressesOf gives the addresses of a person. Each has a use that STU3 knows, which
// is not billing: OpenMRS fails on one without.
func addressesOf(n fhir.Node) (list []address) {
	for e := range n.Get("address").Each() {
		one := address{
			Use: e.Get("use").Text(), Type: e.Get("type").Text(), Text: textOf(e.Get("text")), Line: texts(e.Get("line")),
			City: textOf(e.Get("city")), District: textOf(e.Get("district")), State: textOf(e.Get("state")),
			PostalCode: textOf(e.Get("postalCode")), Country: textOf(e.Get("country")), Period: periodOf(e.Get("period")),
		}
		if one.Use == "" || one.Use == "billing" {
			one.Use = "home"
		}
		list = append(list, one)
	}
	return list
}

// A humanName is a HumanName.
type humanName struct {
	Use    string   `json:"use,omitempty"`
	Text   string   `json:"text,omitempty"`
	Family string   `json:"family"`
	Given  []string `json:"given"`
}

// namesOf gives the names of a person, who has a family and a given one for the
// clients: what is missing is taken from the text, or is a dash.
func namesOf(n fhir.Node) []humanName {
	var list []humanName
	for e := range n.Get("name").Each() {
		one := humanName{Use: e.Get("use").Text(), Text: e.Get("text").Text(), Family: textOf(e.Get("family")), Given: texts(e.Get("given"))}
		words := strings.Fields(one.Text)
		if one.Family == "" && len(words) > 1 {
			one.Family = words[len(words)-1]
		}
		if len(one.Given) == 0 && len(words) > 1 {
			one.Given = words[:len(words)-1]
		}
		if one.Family == "" {
			one.Family = "-"
		}
		if len(one.Given) == 0 {
			one.Given = []string{"-"}
		}
		list = append(list, one)
	}
	if len(list) == 0 {
		list = append(list, humanName{Family: "-", Given: []string{"-"}})
	}
	return list
}

// getRegistered is GET of one of a register, by its id or the number that both know.
// A facility that has no Location is its Organization.
func getRegistered(c *call) (*reply, error) {
	l := &lookup{}
	looked := []*search{l.named(c.typ, c.id)}
	if c.typ == "Location" {
		looked = append(looked, l.named("Organization", c.id))
	}
	if err := l.ask(c); err != nil {
		return nil, err
	}
	for _, s := range looked {
		if p := s.party(""); p.known() {
			return &reply{status: http.StatusOK, body: newRegistered(p.node, c.typ)}, nil
		}
	}
	return nil, refuse(http.StatusNotFound, fhir.IssueNotFound, "There is no "+c.typ+" "+shortened(c.id, toldMax/2))
}

// registerParams are the search parameters of registers that mean the same in R4.
var registerParams = []string{"identifier", "_id", "name", "family", "given", "birthdate", "gender", "_lastUpdated"}

// listRegistered is a search in a register.
func listRegistered(c *call) (*reply, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	asked := url.Values{}
	sent := c.r.URL.Query()
	for _, name := range registerParams {
		if values, ok := sent[name]; ok && (c.typ == "Patient" || name != "birthdate") {
			asked[name] = values
		}
	}
	found, err := c.scan(c.typ, asked.Encode(), page, nil)
	if err != nil {
		return nil, err
	}
	for _, n := range found.nodes {
		found.add(c, n.Get("id").Text(), newRegistered(n, c.typ))
	}
	return &reply{status: http.StatusOK, body: found.bundle}, nil
}
