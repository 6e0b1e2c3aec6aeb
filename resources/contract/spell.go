package contract

import (
	"encoding/json"
	"fmt"
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

// The data types that the resources made here are written with.
type (
	reference  = datatype.Reference
	coding     = datatype.Coding
	concept    = datatype.Concept
	identifier = datatype.Identifier
	period     = datatype.Period
	money      = datatype.Money
	extension  = datatype.Extension
)

func amount(a fhir.Amount, currency string) money {
	return datatype.MoneyOf(fhir.Money{Value: a, Currency: currency})
}

type contractJSON struct {
	ResourceType string            `json:"resourceType"`
	Extension    []extension       `json:"extension"`
	Identifier   []identifier      `json:"identifier"`
	Status       string            `json:"status"`
	Issued       string            `json:"issued"`
	Applies      period            `json:"applies"`
	Subject      []reference       `json:"subject"`
	Authority    []json.RawMessage `json:"authority"`
	Author       json.RawMessage   `json:"author,omitempty"`
	Type         concept           `json:"type"`
	Term         []termJSON        `json:"term"`
}

type termJSON struct {
	Applies period      `json:"applies"`
	Offer   offerJSON   `json:"offer"`
	Asset   []assetJSON `json:"asset"`
}

type offerJSON struct {
	Party []partyJSON `json:"party"`
	Topic reference   `json:"topic"`
}

type partyJSON struct {
	Reference []reference `json:"reference"`
	Role      concept     `json:"role"`
}

type assetJSON struct {
	TypeReference []reference  `json:"typeReference"`
	Period        []period     `json:"period"`
	ValuedItem    []valuedJSON `json:"valuedItem"`
}

type valuedJSON struct {
	EntityReference reference       `json:"entityReference"`
	Net             *money          `json:"net,omitempty"`
	Responsible     reference       `json:"responsible"`
	Recipient       json.RawMessage `json:"recipient"`
}

const systemContractType = "http://terminology.hl7.org/CodeSystem/contract-type"

// contract spells the policy.
func (o *offer) contract() []byte {
	agreed := datatype.Between(adjudication.WriteDay(o.terms.start), adjudication.WriteDay(o.terms.end))
	head, insurer := datatype.To(o.holder.head().key), o.insurer()
	members := make([]reference, len(o.holder.members))
	for i, m := range o.holder.members {
		members[i] = datatype.To(m.key)
	}
	extensions := []extension{{URL: profiles.ExtensionPolicyState, ValueCode: o.state()}}
	if !o.previous.IsZero() {
		before := datatype.To(o.previous)
		extensions = append(extensions, extension{URL: profiles.ExtensionContractPredecessor, ValueReference: &before})
		if o.continuous() {
			extensions = append(extensions, extension{URL: profiles.ExtensionPolicyGrace, ValueDate: adjudication.WriteDay(o.terms.due)})
		}
	}
	for _, s := range o.shares {
		extensions = append(extensions, s.extension(o.product.currency))
	}
	item := valuedJSON{EntityReference: reference{Reference: o.product.pinned()}, Responsible: head, Recipient: insurer}
	if o.product.currency != "" {
		net := amount(o.value.total, o.product.currency)
		item.Net = &net
	}
	return datatype.JSON(contractJSON{
		ResourceType: "Contract", Extension: extensions, Identifier: []identifier{datatype.Number(profiles.IdentifierPolicy, o.number)},
		Status: contractStatus[o.state()], Issued: adjudication.WriteDay(o.terms.enrolled), Applies: agreed,
		Subject: []reference{datatype.To(o.holder.key)}, Authority: []json.RawMessage{insurer}, Author: o.author,
		Type: datatype.Of(systemContractType, "healthinsurance"),
		Term: []termJSON{{
			Applies: agreed,
			Offer: offerJSON{
				Party: []partyJSON{{Reference: []reference{head}, Role: datatype.Of(profiles.SystemOpenIMISPartyRole, "beneficiary")}},
				Topic: datatype.To(o.product.key),
			},
			Asset: []assetJSON{{TypeReference: members, Period: []period{agreed}, ValuedItem: []valuedJSON{item}}},
		}},
	})
}

// contractStatus gives the status that the states made here go with; the whole
// table is in profiles/input/pagecontent/policy.md.
var contractStatus = map[string]string{
	stateOffered: "offered", stateReady: "executable", stateActive: "executed", stateSuspended: "disputed",
	stateRenewed: "renewed", stateExpired: "terminated", stateTerminated: "terminated", stateCancelled: "cancelled",
}

// pinned names the very version of the plan.
func (p *product) pinned() string {
	return p.key.String() + "/_history/" + json.Number(fhir.Units(p.version).String()).String()
}

// numbersTried bounds how many policies one holder may have of one plan and one
// first day: all but one of them cancelled.
const numbersTried = 100

// freeNumber gives a business identifier that nobody bears yet: the one wanted,
// or it with -2, -3 and so on.
func freeNumber(r fhir.Reader, typ, system, wanted string) (string, error) {
	for n := 1; n <= numbersTried; n++ {
		number := wanted
		if n > 1 {
			number = fmt.Sprintf("%s-%d", wanted, n)
		}
		_, taken, err := r.Owner(fhir.UniqueKey{Type: typ, Name: system, Value: number})
		if err != nil || !taken {
			return number, err
		}
	}
	return "", fhir.Errorf(fhir.IssueTooCostly, typ+".identifier", "there are %d of the number %s already", numbersTried, wanted)
}

// compact writes a day without hyphens, "20260131".
func compact(d day) string { return strings.ReplaceAll(adjudication.WriteDay(d), "-", "") }
