package payment

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

type moneyJSON struct {
	Value    json.RawMessage `json:"value"`
	Currency string          `json:"currency"`
}

func moneyOf(amount fhir.Amount, currency string) moneyJSON {
	return moneyJSON{Value: json.RawMessage(amount.String()), Currency: currency}
}

type reference struct {
	Reference string `json:"reference,omitempty"`
	Type      string `json:"type,omitempty"`
	Display   string `json:"display,omitempty"`
}

// to refers to a resource; nil where there is none.
func to(k fhir.Key) *reference {
	if k.IsZero() {
		return nil
	}
	return &reference{Reference: k.String()}
}

type identifier struct {
	System string `json:"system,omitempty"`
	Value  string `json:"value"`
}

type coding struct {
	System string `json:"system,omitempty"`
	Code   string `json:"code"`
}

type concept struct {
	Coding []coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

func code(system, value string) concept { return concept{Coding: []coding{{system, value}}} }

type extension struct {
	URL            string     `json:"url"`
	ValueCode      string     `json:"valueCode,omitempty"`
	ValueReference *reference `json:"valueReference,omitempty"`
	ValueConcept   *concept   `json:"valueCodeableConcept,omitempty"`
}

type detailJSON struct {
	Extension   []extension     `json:"extension,omitempty"`
	Identifier  identifier      `json:"identifier"`
	Predecessor json.RawMessage `json:"predecessor,omitempty"`
	Type        concept         `json:"type"`
	Request     *reference      `json:"request,omitempty"`
	Response    *reference      `json:"response,omitempty"`
	Submitter   json.RawMessage `json:"submitter,omitempty"`
	Date        string          `json:"date"`
	Payee       *reference      `json:"payee,omitempty"`
	Amount      moneyJSON       `json:"amount"`
}

// An addition is a detail that the server adds to a movement.
type addition struct {
	kind     string
	amount   fhir.Amount
	request  fhir.Key
	payee    fhir.Key
	response fhir.Key
	after    *part // what it goes on from
	date     string
}

// spell gives the detail; number is its place among those of the movement, from 1.
func (a addition) spell(name string, number int, currency string) detailJSON {
	d := detailJSON{
		Identifier: identifier{profiles.IdentifierPaymentDetail, fmt.Sprintf("%s-%d", name, number)},
		Type:       code(systemPaymentType, a.kind), Request: to(a.request), Response: to(a.response),
		Date: a.date, Amount: moneyOf(a.amount, currency),
	}
	if a.after != nil {
		if before := a.after.node.Get("identifier"); before.Exists() {
			d.Predecessor = slices.Clone(before.Raw())
		}
	}
	d.setPayee(a.payee)
	return d
}

// setPayee says whose credit the detail is.
func (d *detailJSON) setPayee(k fhir.Key) {
	switch k.Type {
	case "":
	case "Organization":
		d.Payee = to(k)
	default:
		d.Extension = []extension{{URL: profiles.ExtensionPayee, ValueReference: to(k)}}
	}
}

// name gives what the details of a movement are numbered by.
func (m *movement) name() string {
	for _, name := range []string{m.node.Identifier(profiles.IdentifierPayment), m.node.At("paymentIdentifier", "value").Text()} {
		if name != "" {
			return name
		}
	}
	return m.key.ID
}

// add stores a movement with more details.
func (m *movement) add(tx fhir.Tx, more ...addition) error {
	if len(more) == 0 {
		return nil
	}
	e := fhir.NewEdit(m.node.Document())
	list := m.node.Get("detail")
	var texts []byte
	for i, a := range more {
		text := datatype.JSON(a.spell(m.name(), len(m.parts)+i+1, m.currency))
		if list.Exists() {
			e.Append(list, text)
			continue
		}
		if i > 0 {
			texts = append(texts, ',')
		}
		texts = append(texts, text...)
	}
	if !list.Exists() {
		e.Set(m.node, "detail", slices.Concat([]byte{'['}, texts, []byte{']'}))
	}
	return m.store(tx, e)
}

// store writes the movement as edited, and reads it again.
func (m *movement) store(tx fhir.Tx, e *fhir.Edit) error {
	stored, err := tx.Update(&fhir.Resource{Key: m.key, Body: e.Bytes()}, 0)
	if err != nil {
		return err
	}
	node, err := parse(stored)
	if err != nil {
		return err
	}
	fresh, err := movementOf(m.key, node)
	if err == nil {
		*m = *fresh
	}
	return err
}

type movementJSON struct {
	ResourceType      string            `json:"resourceType"`
	Extension         []json.RawMessage `json:"extension"`
	Identifier        []json.RawMessage `json:"identifier,omitempty"`
	Status            string            `json:"status"`
	Created           string            `json:"created"`
	Requestor         json.RawMessage   `json:"requestor,omitempty"`
	Outcome           string            `json:"outcome"`
	PaymentDate       string            `json:"paymentDate"`
	PaymentAmount     moneyJSON         `json:"paymentAmount"`
	PaymentIdentifier json.RawMessage   `json:"paymentIdentifier,omitempty"`
	Detail            []detailJSON      `json:"detail"`
	ProcessNote       []noteJSON        `json:"processNote,omitempty"`
}

type noteJSON struct {
	Type string `json:"type,omitempty"`
	Text string `json:"text"`
}

type noticeJSON struct {
	ResourceType  string            `json:"resourceType"`
	Extension     []json.RawMessage `json:"extension,omitempty"`
	Identifier    []identifier      `json:"identifier,omitempty"`
	Status        string            `json:"status"`
	Request       *reference        `json:"request,omitempty"`
	Created       string            `json:"created"`
	Provider      json.RawMessage   `json:"provider,omitempty"`
	Payment       reference         `json:"payment"`
	PaymentDate   string            `json:"paymentDate"`
	Recipient     json.RawMessage   `json:"recipient"`
	Amount        moneyJSON         `json:"amount"`
	PaymentStatus concept           `json:"paymentStatus"`
}

// instant writes the time of a transaction.
func instant(tx fhir.Tx) string { return tx.Now().Format(time.RFC3339) }
