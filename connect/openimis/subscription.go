package openimis

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sort"
	"strings"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
)

// subscribe stores a Subscription in openIMIS's form: its headers are the text of a
// JSON object, its status is active at once, and whoever subscribes to Claim is
// told of decisions, so of ClaimResponse. It is answered as it was asked for.
func (c *call) subscribe(method, path string, o dialect.Object) error {
	if method == http.MethodPost {
		delete(o, "id")
	}
	delete(o, "meta")
	criteria := dialect.Text(o, "criteria")
	typ, query, _ := strings.Cut(criteria, "?")
	if strings.Contains(query, "__") {
		return fhir.Errorf(fhir.IssueNotSupported, "Subscription.criteria",
			"%.80q filters by openIMIS's tables; write a search of FHIR, such as Patient?identifier=070100001018", criteria)
	}
	if typ == "Claim" {
		typ = "ClaimResponse"
	}
	o["criteria"] = typ
	if query != "" {
		o["criteria"] = typ + "?" + query
	}
	if dialect.Text(o, "status") == "active" {
		o["status"] = "requested"
	}
	fill(o, "reason", typ)
	channel := dialect.Child(o, "channel")
	if channel == nil {
		return fhir.Errorf(fhir.IssueRequired, "Subscription.channel", "say where to: channel.type rest-hook and channel.endpoint")
	}
	fill(channel, "payload", "application/json")
	if err := headers(channel); err != nil {
		return err
	}
	if err := c.endpoint(channel); err != nil {
		return err
	}
	stored := c.gate.Ask(c.r, connect.Question{Method: method, Path: path, Body: dialect.Write(o)})
	if !stored.OK() {
		c.hand(stored)
		return nil
	}
	out := dialect.ObjectOf(stored.Node())
	page{call: c}.spell("Subscription", out)
	c.write(stored.Status, out)
	return nil
}

// endpoint keeps the address of a subscriber as an Endpoint, so that he is told in
// openIMIS's words. The same address is the same Endpoint.
func (c *call) endpoint(channel dialect.Object) error {
	address := dialect.Text(channel, "endpoint")
	if !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") {
		return fhir.Errorf(fhir.IssueValue, "Subscription.channel.endpoint", "write the whole address of the endpoint, with https://, not %.80q", address)
	}
	key := fhir.Key{Type: "Endpoint", ID: endpointID(address)}
	if dialect.Text(c.read1(key), "address") != address {
		a := c.gate.Ask(c.r, connect.Question{Method: http.MethodPut, Path: key.String(), Body: dialect.Write(dialect.Object{
			"resourceType": "Endpoint", "id": key.ID, "status": "active", "address": address,
			"connectionType": dialect.Object{"system": hl7 + "endpoint-connection-type", "code": "hl7-fhir-rest"},
			"payloadType":    []any{dialect.Object{"text": "resources in openIMIS's words"}},
		})})
		if !a.OK() {
			return outcome(a)
		}
	}
	channel["endpoint"] = Scheme + ":" + key.String()
	return nil
}

// endpointID gives the id of the Endpoint of an address.
func endpointID(address string) string {
	sum := sha256.Sum256([]byte(address))
	return Scheme + "-" + hex.EncodeToString(sum[:12])
}

// outcome gives a refusal of [base] as an error.
func outcome(a *connect.Answer) error {
	o := &fhir.Outcome{}
	for issue := range a.Node().Get("issue").Each() {
		o.Issues = append(o.Issues, fhir.Issue{
			Severity: fhir.SeverityError, Code: fhir.IssueType(issue.Get("code").Text()), Diagnostics: issue.Get("diagnostics").Text(),
		})
	}
	return o
}

// headers writes the headers of a channel one by one, as R4 has them. Content-Type
// and Accept are the payload's to say.
func headers(channel dialect.Object) error {
	lines := []any{}
	for _, line := range texts(channel["header"]) {
		if !strings.HasPrefix(strings.TrimSpace(line), "{") {
			lines = append(lines, line)
			continue
		}
		doc, err := fhir.Parse([]byte(line))
		if err != nil {
			return fhir.Errorf(fhir.IssueValue, "Subscription.channel.header[0]", "the text is neither a header nor a JSON object of headers")
		}
		for m := range doc.Root().All() {
			if name := http.CanonicalHeaderKey(m.Name()); name != "Content-Type" && name != "Accept" {
				lines = append(lines, name+": "+m.Text())
			}
		}
	}
	delete(channel, "header")
	if len(lines) > 0 {
		sort.Slice(lines, func(i, j int) bool { return lines[i].(string) < lines[j].(string) })
		channel["header"] = lines
	}
	return nil
}

// texts gives the texts of a list, or the one that stands alone.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			if text, ok := e.(string); ok {
				out = append(out, text)
			}
		}
		return out
	}
	return nil
}

// spellSubscription gives back what was subscribed to in openIMIS's words.
func spellSubscription(p page, o dialect.Object) {
	channel := dialect.Child(o, "channel")
	if name, ours := strings.CutPrefix(dialect.Text(channel, "endpoint"), Scheme+":"); ours && p.gate != nil {
		if address := dialect.Text(p.read1(dialect.Target(name)), "address"); address != "" {
			channel["endpoint"] = address
		}
	}
	criteria := dialect.Text(o, "criteria")
	if rest, ok := strings.CutPrefix(criteria, "ClaimResponse"); ok && (rest == "" || rest[0] == '?') {
		o["criteria"] = "Claim" + rest
	}
	if dialect.Text(o, "status") == "requested" {
		o["status"] = "active"
	}
}
