package contract

import (
	"encoding/json"
	"fmt"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

type coverageJSON struct {
	ResourceType string            `json:"resourceType"`
	Extension    []extension       `json:"extension"`
	Identifier   []identifier      `json:"identifier"`
	Status       string            `json:"status"`
	Type         concept           `json:"type"`
	PolicyHolder reference         `json:"policyHolder"`
	Subscriber   reference         `json:"subscriber"`
	SubscriberID string            `json:"subscriberId,omitempty"`
	Beneficiary  reference         `json:"beneficiary"`
	Relationship concept           `json:"relationship"`
	Period       period            `json:"period"`
	Payor        []json.RawMessage `json:"payor"`
	Class        []classJSON       `json:"class"`
	Contract     []reference       `json:"contract"`
}

type classJSON struct {
	Type  concept `json:"type"`
	Value string  `json:"value"`
	Name  string  `json:"name,omitempty"`
}

const (
	systemActCode       = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	systemCoverageClass = "http://terminology.hl7.org/CodeSystem/coverage-class"
	systemRelationship  = "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
)

// A joining is one person's way into a policy.
type joining struct {
	member   member
	number   string // of the membership
	state    string // draft, or active
	from, to day
	waiting  string // the day waiting periods count from; "" leaves it to coverage
}

// membership spells the Coverage of a person in a policy.
func (o *offer) membership(policy fhir.Key, j joining) []byte {
	plan, head := datatype.To(o.product.key), o.holder.head()
	extensions := []extension{
		{URL: profiles.ExtensionCoverageInsurancePlan, ValueReference: &plan},
		{URL: profiles.ExtensionCoverageState, ValueCode: j.state},
	}
	if j.waiting != "" {
		extensions = append(extensions, extension{URL: profiles.ExtensionCoverageWaitingFrom, ValueDate: j.waiting})
	}
	classes := []classJSON{{Type: datatype.Of(systemCoverageClass, "plan"), Value: o.product.code(), Name: o.product.node.Get("name").Text()}}
	if family := o.holder.node.Identifier(profiles.IdentifierFamily); family != "" {
		classes = append(classes, classJSON{Type: datatype.Of(systemCoverageClass, "group"), Value: family})
	}
	return datatype.JSON(coverageJSON{
		ResourceType: "Coverage", Extension: extensions, Identifier: []identifier{datatype.Number(profiles.IdentifierMembership, j.number)},
		Status: j.state, Type: datatype.Of(systemActCode, "HIP"), PolicyHolder: datatype.To(head.key), Subscriber: datatype.To(head.key),
		SubscriberID: head.node.Identifier(profiles.IdentifierInsuranceNumber), Beneficiary: datatype.To(j.member.key),
		Relationship: datatype.Of(systemRelationship, j.member.relationship()), Period: datatype.Between(adjudication.WriteDay(j.from), adjudication.WriteDay(j.to)),
		Payor: []json.RawMessage{o.insurer()}, Class: classes, Contract: []reference{datatype.To(policy)},
	})
}

// relationship gives HL7's code of how the person is related to the head.
func (m member) relationship() string {
	if m.head {
		return "self"
	}
	switch m.relation.Code(profiles.SystemOpenIMISRelationship) {
	case "2":
		return "parent"
	case "4":
		return "child"
	case "8":
		return "spouse"
	}
	return "other"
}

// memberNumber numbers the members of a policy from 1.
func memberNumber(policy string, n int) string { return fmt.Sprintf("%s-%02d", policy, n) }
