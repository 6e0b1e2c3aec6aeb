package subscription

import (
	"context"
	"encoding/json"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// withheld stands in a Subscription where a secret was sent.
const withheld = "(withheld)"

// A secret is what is sent to an endpoint, or proves us to it, and is not read
// back.
type secret struct {
	Headers []header `json:"headers,omitempty"`
	Key     string   `json:"key,omitempty"`     // notifications are signed with it
	Address string   `json:"address,omitempty"` // where the Endpoint of a Sender led when they were sent
}

// A header is one of HTTP.
type header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// keep keeps the secrets of a Subscription apart and puts "(withheld)" in their
// place. Sent back so, they are what they were. What changes whom is told, or of
// what, makes it requested again.
func (h *Hub) keep(ctx context.Context, tx fhir.Tx, c fhir.Change) ([]byte, error) {
	if isOwn(ctx) {
		return nil, nil
	}
	doc, err := marked(c)
	if err != nil {
		return nil, err
	}
	before, err := h.secretBefore(ctx, tx, c, doc.Root())
	if err != nil {
		return nil, err
	}
	var now secret
	edit, channel := fhir.NewEdit(doc), doc.Root().Get("channel")
	i := 0
	for line := range channel.Get("header").Each() {
		one, err := readHeader(line.Text(), i, before)
		if err != nil {
			return nil, err
		}
		now.Headers = append(now.Headers, one)
		edit.Replace(line, quoted(one.Name+": "+withheld))
		i++
	}
	for e := range channel.Get("extension").Each() {
		key := e.Get("valueString")
		if e.Get("url").Text() != profiles.ExtensionSubscriptionSigning || !key.Exists() {
			continue
		}
		if now.Key = key.Text(); now.Key == withheld {
			if now.Key = before.Key; now.Key == "" {
				return nil, unkept("Subscription.channel.extension", "the key")
			}
		}
		edit.Replace(key, quoted(withheld))
	}
	if status, err := restated(c, doc.Root()); err != nil {
		return nil, err
	} else if status != "" {
		edit.Set(doc.Root(), "status", quoted(status))
	}
	if now.Address, err = addressOf(tx, channel.Get("endpoint").Text()); err != nil {
		return nil, err
	}
	kept, err := json.Marshal(now)
	if err != nil {
		return nil, err
	}
	if err := tx.Confide(c.ID, kept); err != nil {
		return nil, err
	}
	return edit.Bytes(), nil
}

func quoted(text string) []byte {
	b, err := json.Marshal(text)
	if err != nil {
		panic("a string is always JSON: " + err.Error())
	}
	return b
}

// secretBefore reads what a Subscription has confided. It was for the endpoint it
// was sent with: another endpoint is not told it. Of a new Subscription what one of
// its id left is forgotten.
func (h *Hub) secretBefore(ctx context.Context, tx fhir.Tx, c fhir.Change, n fhir.Node) (secret, error) {
	if c.Before == nil {
		return secret{}, tx.Dismiss(c.ID)
	}
	old, err := fhir.Parse(c.Before.Body)
	if err != nil || old.Root().At("channel", "endpoint").Text() != n.At("channel", "endpoint").Text() {
		return secret{}, err
	}
	s, err := h.store.Subscriber(ctx, c.ID)
	if err != nil || s == nil {
		return secret{}, err
	}
	kept, err := s2secret(s.Secret)
	if err != nil || kept.Address == "" {
		return kept, err
	}
	if now, err := addressOf(tx, n.At("channel", "endpoint").Text()); err != nil || now != kept.Address {
		return secret{}, err
	}
	return kept, nil
}

func s2secret(kept []byte) (s secret, err error) {
	if len(kept) == 0 {
		return s, nil
	}
	return s, json.Unmarshal(kept, &s)
}

// headersMax bounds the headers of a Subscription, and headerMax the bytes of one.
const (
	headersMax = 20
	headerMax  = 8 << 10
)

// ours are the headers that this server writes itself.
var ours = []string{"host", "content-length", "content-type", "connection", "transfer-encoding", "trailer", "upgrade", "te"}

// readHeader reads "Authorization: Bearer …"; withheld is what it was before.
func readHeader(line string, i int, before secret) (header, error) {
	at := "Subscription.channel.header[" + itoa(i) + "]"
	name, value, ok := strings.Cut(line, ":")
	one := header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)}
	switch {
	case i >= headersMax || len(line) > headerMax:
		return one, fhir.Errorf(fhir.IssueTooLong, at, "a Subscription has at most %d headers of %d bytes", headersMax, headerMax)
	case !ok || !isToken(one.Name) || !isField(one.Value):
		return one, fhir.Errorf(fhir.IssueValue, at, "write a header as in HTTP, with a name, a colon and a value on one line: Authorization: Bearer abc")
	}
	if strings.HasPrefix(strings.ToLower(one.Name), "bima-") {
		return one, fhir.Errorf(fhir.IssueBusinessRule, at, "%.80q is no setting of channel.header: headers that begin with Bima- are this server's to write, and settings of ours are extensions of channel: subscription-leaves, subscription-signing, subscription-style", one.Name)
	}
	for _, name := range ours {
		if strings.EqualFold(name, one.Name) {
			return one, fhir.Errorf(fhir.IssueInvalid, at, "the header %s is this server's to write", one.Name)
		}
	}
	if one.Value != withheld {
		return one, nil
	}
	for _, old := range before.Headers {
		if strings.EqualFold(old.Name, one.Name) {
			return old, nil
		}
	}
	return one, unkept(at, one.Name)
}

// unkept is why "(withheld)" is refused.
func unkept(at, name string) error {
	return fhir.Errorf(fhir.IssueValue, at, "%q stands for the value this server keeps of %s for this endpoint, and it keeps none; send the value", withheld, name)
}

// isToken and isField ask what may be sent as the name and value of a header.
// Source: RFC 9110, 5.1 and 5.5.
func isToken(name string) bool {
	for _, c := range []byte(name) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return name != ""
}

func isField(value string) bool {
	for _, c := range []byte(value) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return value != ""
}

// restated gives the status that a Subscription gets in place of the one sent; ""
// where that stays. What a caller may say is requested and off; a new one that is
// said to be active is requested first, one that comes from elsewhere with an error
// keeps it. A status that the server has set he may send back, and it goes on as
// long as nothing else has changed. Source: R4 valueset-subscription-status.
func restated(c fhir.Change, n fhir.Node) (string, error) {
	status := n.Get("status").Text()
	switch {
	case status == "requested" || status == "off", c.Before == nil && status == "error":
		return "", nil
	case c.Before == nil:
		return "requested", nil
	}
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return "", err
	}
	old := doc.Root()
	switch {
	case old.Get("status").Text() != status:
		return "", fhir.Errorf(fhir.IssueBusinessRule, "Subscription.status",
			"only this server makes a Subscription %s; send requested to have it told, or off to end it", status)
	case string(old.Get("channel").Raw()) != string(n.Get("channel").Raw()) || old.Get("criteria").Text() != n.Get("criteria").Text(),
		string(old.Get("_criteria").Raw()) != string(n.Get("_criteria").Raw()):
		return "requested", nil
	}
	return "", nil
}
