package smart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"bima/fhir"
)

const (
	// publishedFresh is how long a set of keys is taken as it was fetched, unless a
	// key is asked for that is not in it.
	publishedFresh = 15 * time.Minute
	// publishedKept is how long it counts after that, where it can't be fetched.
	publishedKept = time.Hour
	// publishedRest is how long a URL is left alone after it was asked, whatever came
	// of that: anybody can name a key that is not there.
	publishedRest = 30 * time.Second
	// publishedTimeout bounds the asking.
	publishedTimeout = 5 * time.Second
	// publishedBytesMax and publishedKeysMax bound a set.
	publishedBytesMax, publishedKeysMax = 64 << 10, 50
)

// ReadKeysURL reads the URL at which a client publishes its keys, a JWK Set, and gives
// it as it is stored. It must be https, or lead to this machine.
func ReadKeysURL(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return "", errors.New("this is no URL of keys, such as https://emr.example.org/jwks.json")
	case u.Scheme != "https" && (u.Scheme != "http" || !local(u.Hostname())):
		return "", errors.New("keys are fetched by https only")
	}
	return u.String(), nil
}

// local reports whether a host is this machine by its own name.
func local(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Fetch has the Authenticator fetch the keys that accounts publish at URLs, with a
// client that decides which addresses may be called. It is called before the first
// request; without it no account has keys at a URL.
func (a *Authenticator) Fetch(client *http.Client) { a.published.client = client }

// A library keeps sets of keys by the URLs they were fetched from. It is safe for
// concurrent use.
type library struct {
	client *http.Client // nil fetches nothing

	mu   sync.Mutex
	sets map[string]*published
}

// published is a set of keys at a URL.
type published struct {
	turn chan struct{} // holds one token: who has it may look at what follows, and ask

	set     jose.JSONWebKeySet
	fetched time.Time // zero is never
	asked   time.Time
}

// at gives the set of a URL.
func (l *library) at(address string) *published {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.sets[address]
	if p == nil {
		p = &published{turn: make(chan struct{}, 1)}
		if l.sets == nil {
			l.sets = map[string]*published{}
		}
		l.sets[address] = p
	}
	return p
}

// keys gives the set at a URL, which should have a key. It fails with an Outcome of
// IssueTransient where it can't be had.
func (l *library) keys(ctx context.Context, address, kid string, now time.Time) (jose.JSONWebKeySet, error) {
	p := l.at(address)
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return jose.JSONWebKeySet{}, ctx.Err()
	}
	age := now.Sub(p.fetched)
	if !p.fetched.IsZero() && age < publishedFresh && len(p.set.Key(kid)) > 0 {
		return p.set, nil
	}
	failure := errors.New("the URL of keys was asked a moment ago")
	if now.Sub(p.asked) >= publishedRest {
		p.asked = now
		var set jose.JSONWebKeySet
		if set, failure = l.fetch(ctx, address); failure == nil {
			p.set, p.fetched, age = set, now, 0
		}
	}
	if p.fetched.IsZero() || age >= publishedFresh+publishedKept {
		return jose.JSONWebKeySet{}, fhir.Errorf(fhir.IssueTransient, "", "the keys of the client can't be fetched now; try again").Because(failure)
	}
	return p.set, nil
}

// fetch asks a URL for its keys. Those that are not public, or for nothing that is
// verified here, are left out.
func (l *library) fetch(ctx context.Context, address string) (set jose.JSONWebKeySet, err error) {
	if l.client == nil {
		return set, errors.New("this server fetches no keys")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishedTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return set, err
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	answer, err := l.client.Do(request)
	if err != nil {
		return set, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return set, fmt.Errorf("the URL of keys answers with HTTP %d", answer.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, publishedBytesMax+1))
	if err != nil {
		return set, err
	}
	var said struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if len(text) > publishedBytesMax || json.Unmarshal(text, &said) != nil || len(said.Keys) > publishedKeysMax {
		return set, fmt.Errorf("there is no JWK Set of up to %d keys at the URL of keys", publishedKeysMax)
	}
	for _, one := range said.Keys {
		var key jose.JSONWebKey // of a kind that is not known here it is no error of the others
		if json.Unmarshal(one, &key) == nil && key.KeyID != "" && key.IsPublic() && key.Valid() && (usable(key, jose.RS384) || usable(key, jose.ES384)) {
			set.Keys = append(set.Keys, key)
		}
	}
	return set, nil
}

// keysOf gives the keys of an account, of which a client names one.
func (a *Authenticator) keysOf(ctx context.Context, account fhir.Account, kid string) (set jose.JSONWebKeySet, err error) {
	switch {
	case account.Keys == "" || kid == "":
		return set, nil
	case strings.HasPrefix(account.Keys, "{"):
		return set, json.Unmarshal([]byte(account.Keys), &set)
	}
	return a.published.keys(ctx, account.Keys, kid, a.now())
}
