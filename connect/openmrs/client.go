package openmrs

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/subscription"
)

// The media types of fhir2. A patch must have exactly its own: with a charset
// behind it, it is refused.
const (
	mediaFHIR  = "application/fhir+json"
	mediaMerge = "application/merge-patch+json"
)

// A client speaks with one OpenMRS about one event.
type client struct {
	call   subscription.Call
	set    *settings
	tokens *tokens
	zone   *time.Location
}

// headerSecret carries the secret of a client of OAuth2. It is sent to the token
// endpoint only.
const headerSecret = "Client-Secret"

// credentials refuses those that can't work.
func (c *client) credentials() error {
	if c.set.tokenURL != "" {
		if c.call.Headers.Get(headerSecret) == "" {
			return subscription.Refused(errors.New("the Subscription has no channel.header Client-Secret"))
		}
		return nil
	}
	kind, value, _ := strings.Cut(c.call.Headers.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Basic") {
		return nil
	}
	pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value))
	if err != nil || strings.Count(string(pair), ":") != 1 {
		return subscription.Refused(errors.New("what follows Authorization: Basic is the base64 of user:password, and OpenMRS understands no password with a colon in it; give the user another one"))
	}
	return nil
}

// A rejection is what OpenMRS does not take, and would not take the next time.
type rejection struct {
	status int
	text   string
}

// Error implements error.
func (r *rejection) Error() string {
	return fmt.Sprintf("OpenMRS does not take it (HTTP %d): %s", r.status, r.text)
}

// gone reports whether what was asked for is not there.
func (r *rejection) gone() bool {
	return r != nil && (r.status == http.StatusNotFound || r.status == http.StatusGone)
}

// rejectionOf gives the rejection within an error; nil where it is none.
func rejectionOf(err error) *rejection {
	var r *rejection
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// get reads from fhir2.
func (c *client) get(ctx context.Context, path string) (fhir.Node, error) {
	return c.ask(ctx, http.MethodGet, path, "", nil)
}

// metadata reads what fhir2 can do, which needs no user.
func (c *client) metadata(ctx context.Context) (fhir.Node, error) {
	status, text, err := c.once(ctx, http.MethodGet, "metadata", "", nil, "")
	if err != nil {
		return fhir.Node{}, err
	}
	n, err := judge(status, text)
	if rejected := rejectionOf(err); rejected != nil {
		err = subscription.Refused(fmt.Errorf("%s has no CapabilityStatement (HTTP %d); correct Endpoint.address", c.set.endpoint, rejected.status))
	}
	return n, err
}

// ask asks fhir2, and once more where it does not know us: a token may have
// expired, or a session.
func (c *client) ask(ctx context.Context, method, path, media string, body []byte) (fhir.Node, error) {
	for again := false; ; again = true {
		authorization, err := c.authorization(ctx)
		if err != nil {
			return fhir.Node{}, err
		}
		status, text, err := c.once(ctx, method, path, media, body, authorization)
		if err != nil {
			return fhir.Node{}, err
		}
		if status != http.StatusUnauthorized {
			return judge(status, text)
		}
		if again {
			return fhir.Node{}, subscription.Refused(errors.New("OpenMRS does not know us (HTTP 401), twice; correct the user or client, and send the Subscription again with its channel.header"))
		}
		c.forgetToken()
	}
}

// answerMax bounds what is read of an answer, in bytes.
const answerMax = 8 << 20

// once makes one call.
func (c *client) once(ctx context.Context, method, path, media string, body []byte, authorization string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.set.base+"/"+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	for name, values := range c.call.Headers {
		if name != headerSecret && name != "Authorization" {
			request.Header[name] = values
		}
	}
	request.Header.Set("Accept", mediaFHIR)
	request.Header.Set("User-Agent", "Bima")
	if media != "" {
		request.Header.Set("Content-Type", media)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := c.call.Client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, answerMax))
	return response.StatusCode, text, err
}

// judge tells what an answer means: what is to be tried again (a plain error), what
// the settings must be put right for (Refused), what is not taken (a rejection).
func judge(status int, text []byte) (fhir.Node, error) {
	var root fhir.Node
	if doc, err := fhir.Parse(text); err == nil {
		root = doc.Root()
	}
	said := saying(root)
	switch {
	case status/100 == 2 && root.Exists():
		return root, nil
	case status/100 == 2:
		return root, subscription.Refused(errors.New("the answer is no JSON of FHIR: is Endpoint.address the R4 base of fhir2?"))
	case status/100 == 3:
		return root, subscription.Refused(fmt.Errorf("OpenMRS is elsewhere (HTTP %d); correct Endpoint.address", status))
	case status == http.StatusForbidden:
		return root, subscription.Refused(fmt.Errorf("OpenMRS does not let us (HTTP 403): %s; give the user the privileges to read and edit patients", said))
	case status == http.StatusMethodNotAllowed, status == http.StatusUnsupportedMediaType, status == http.StatusNotImplemented:
		return root, subscription.Refused(fmt.Errorf("this fhir2 can't do what is asked of it (HTTP %d): %s; it takes a later version", status, said))
	case status == http.StatusRequestTimeout, status == http.StatusConflict, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return root, fmt.Errorf("OpenMRS answered HTTP %d: %s", status, said)
	}
	return root, &rejection{status, said}
}

// sayingMax bounds what is repeated of another's words, in characters.
const sayingMax = 200

// saying gives the reason of an OperationOutcome.
func saying(n fhir.Node) string {
	issue := n.Get("issue").First()
	for _, text := range []string{issue.Get("diagnostics").Text(), issue.At("details", "text").Text(), issue.Get("code").Text()} {
		if text != "" {
			return cut(text, sayingMax)
		}
	}
	return "without a reason"
}

// cut gives a text on one line and with at most so many characters.
func cut(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return text
}
