package card

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/profiles"
	"bima/resources/card/token"
)

// mediaToken is the media type of a compact JWS. Source: RFC 7515, 9.2.1.
const mediaToken = "application/jose"

// A record is the DocumentReference of a card that was issued.
type record struct {
	resource *fhir.Resource
	node     fhir.Node
	token    string // a compact JWS
	card     token.Card
}

// recordOf reads a record; one whose token can't be read has the zero Card.
func recordOf(resource *fhir.Resource) (record, error) {
	doc, err := fhir.Parse(resource.Body)
	if err != nil {
		return record{}, err
	}
	r := record{resource: resource, node: doc.Root()}
	for content := range r.node.Get("content").Each() {
		attachment := content.Get("attachment")
		if attachment.Get("contentType").Text() != mediaToken {
			continue
		}
		text, err := base64.StdEncoding.DecodeString(attachment.Get("data").Text())
		if err != nil {
			continue
		}
		if c, err := token.Read(string(text)); err == nil {
			r.token, r.card = string(text), c
		}
	}
	return r, nil
}

// recordsMax bounds how many current cards of one person or coverage are looked
// at; there is one.
const recordsMax = 20

// currentRecords gives the current cards where a reference parameter of their
// records leads to a resource.
func currentRecords(r fhir.Reader, param string, k fhir.Key) ([]record, error) {
	page, err := r.Search(&fhir.Query{
		Types: []string{recordType}, Limit: recordsMax,
		Where: fhir.All{
			fhir.Match{Param: fhir.Param{Code: param, Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: k}},
			isCard(), hasStatus("current"),
		},
	})
	if err != nil {
		return nil, err
	}
	var records []record
	for _, resource := range page.Resources {
		r, err := recordOf(resource)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

func isCard() fhir.Criterion {
	return fhir.Match{Param: fhir.Param{Code: "type", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemDocument, Code: "card"}}
}

func hasStatus(code string) fhir.Criterion {
	return fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: code, AnySystem: true}}
}

// supersede ends a record, so that its card is revoked.
func (r record) supersede(tx fhir.Tx, reason string) (*fhir.Resource, error) {
	e := fhir.NewEdit(r.node.Document())
	e.Set(r.node, "status", []byte(`"superseded"`))
	e.Set(r.node, "description", quote(reason))
	return tx.Update(&fhir.Resource{Key: r.resource.Key, Body: e.Bytes()}, 0)
}

// authors are the types that DocumentReference.author may refer to.
var authors = []string{"Practitioner", "PractitionerRole", "Organization", "Device", "Patient", "RelatedPerson"}

// spell writes the record of a card; replaced is the one it takes the place of.
func (d *Desk) spell(p person, c cover, jws string, id string, replaced *record, author fhir.Key, now time.Time) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `{"resourceType":"DocumentReference","identifier":[{"system":%q,"value":%q}],"status":"current",`+
		`"type":{"coding":[{"system":%q,"code":"card","display":"Membership card"}]},"subject":{"reference":%q},"date":%q,`,
		profiles.IdentifierCard, id, profiles.SystemDocument, p.key.String(), now.Format("2006-01-02T15:04:05.000Z07:00"))
	if slices.Contains(authors, author.Type) {
		fmt.Fprintf(&b, `"author":[{"reference":%q}],`, author.String())
	}
	if replaced != nil {
		fmt.Fprintf(&b, `"relatesTo":[{"code":"replaces","target":{"reference":%q}}],`, replaced.resource.Key.String())
	}
	fmt.Fprintf(&b, `"content":[{"attachment":{"contentType":%q,"data":%q,"title":"Token of the card"}},`+
		`{"attachment":{"contentType":"application/pdf","url":%s,"title":"Card"}}],`,
		mediaToken, base64.StdEncoding.EncodeToString([]byte(jws)), quote(d.Base+"/"+p.key.String()+"/$card?format=pdf"))
	start, end := c.start, c.until.AddDate(0, 0, -1).In(d.Zone).Format(time.DateOnly)
	fmt.Fprintf(&b, `"context":{"period":{`)
	if start != "" {
		fmt.Fprintf(&b, `"start":%q,`, start)
	}
	fmt.Fprintf(&b, `"end":%q},"related":[{"reference":%q}]}}`, end, c.key.String())
	return []byte(b.String())
}

// quote gives a text as JSON.
func quote(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		return []byte(`""`)
	}
	return b
}
