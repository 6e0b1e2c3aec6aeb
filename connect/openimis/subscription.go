package openimis

import (
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
func spellSubscription(_ page, o dialect.Object) {
	criteria := dialect.Text(o, "criteria")
	if rest, ok := strings.CutPrefix(criteria, "ClaimResponse"); ok && (rest == "" || rest[0] == '?') {
		o["criteria"] = "Claim" + rest
	}
	if dialect.Text(o, "status") == "requested" {
		o["status"] = "active"
	}
}
