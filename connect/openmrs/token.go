package openmrs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"bima/fhir"
	"bima/fhir/subscription"
)

// tokens keeps the tokens of OAuth2 in memory. It is safe for concurrent use.
type tokens struct {
	mu   sync.Mutex
	held map[string]*token
}

// A token is one that a client was given.
type token struct {
	mu    sync.Mutex // one call for it at a time
	value string
	until time.Time
}

func newTokens() *tokens { return &tokens{held: map[string]*token{}} }

// tokensMax bounds how many are kept, and early is how long before its end a token
// is taken for old.
const (
	tokensMax = 1000
	early     = 30 * time.Second
)

// of gives the place of a client's token.
func (t *tokens) of(c *client) *token {
	sum := sha256.Sum256([]byte(strings.Join([]string{c.set.tokenURL, c.set.client, c.set.scope, c.call.Headers.Get(headerSecret)}, "\x00")))
	key := hex.EncodeToString(sum[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held[key] == nil {
		if len(t.held) >= tokensMax {
			clear(t.held)
		}
		t.held[key] = &token{}
	}
	return t.held[key]
}

// authorization gives the header by which OpenMRS knows us.
func (c *client) authorization(ctx context.Context) (string, error) {
	if c.set.tokenURL == "" {
		return c.call.Headers.Get("Authorization"), nil
	}
	t := c.tokens.of(c)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value == "" || !c.call.Now().Before(t.until) {
		if err := t.fetch(ctx, c); err != nil {
			return "", err
		}
	}
	return "Bearer " + t.value, nil
}

// forgetToken makes the next call ask for another one.
func (c *client) forgetToken() {
	if c.set.tokenURL == "" {
		return
	}
	t := c.tokens.of(c)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.value = ""
}

// fetch asks the token endpoint. Source: RFC 6749 section 4.4.
func (t *token) fetch(ctx context.Context, c *client) error {
	form := url.Values{"grant_type": {"client_credentials"}}
	if c.set.scope != "" {
		form.Set("scope", c.set.scope)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.set.tokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	request.SetBasicAuth(url.QueryEscape(c.set.client), url.QueryEscape(c.call.Headers.Get(headerSecret)))
	response, err := c.call.Client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, answerMax))
	if err != nil {
		return err
	}
	doc, err := fhir.Parse(text)
	switch status := response.StatusCode; {
	case status == http.StatusTooManyRequests || status >= 500:
		return fmt.Errorf("the token endpoint answered HTTP %d", status)
	case status != http.StatusOK && err == nil:
		return subscription.Refused(fmt.Errorf("the token endpoint does not know us (HTTP %d, %.60q); correct client-id and scope of the Endpoint, or the Client-Secret", status, doc.Root().Get("error").Text()))
	case status != http.StatusOK || err != nil || doc.Root().Get("access_token").Text() == "":
		return subscription.Refused(fmt.Errorf("the token endpoint gave no token (HTTP %d); correct token-url", status))
	}
	if kind := doc.Root().Get("token_type").Text(); kind != "" && !strings.EqualFold(kind, "Bearer") {
		return subscription.Refused(errors.New("the token endpoint gives tokens of another kind than Bearer"))
	}
	// Without expires_in it is used until it is refused.
	life := 365 * 24 * time.Hour
	if seconds, err := strconv.Atoi(doc.Root().Get("expires_in").Text()); err == nil {
		life = time.Duration(seconds) * time.Second
	}
	t.value, t.until = doc.Root().Get("access_token").Text(), c.call.Now().Add(life-min(early, life/2))
	return nil
}
