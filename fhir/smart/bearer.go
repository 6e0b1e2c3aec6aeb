package smart

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"bima/fhir"
)

// An Issuer verifies the bearer tokens of one OpenID Connect issuer: JWTs signed
// by a key it publishes, meant for our audience. It is safe for concurrent use.
type Issuer struct {
	url, audience string
	client        *http.Client
	now           func() time.Time

	verifier atomic.Pointer[oidc.IDTokenVerifier] // nil until the issuer was reached

	mu      sync.Mutex // of what follows; never held over the network
	asking  chan struct{}
	failure error     // of the last attempt to reach it
	failed  time.Time // when that was
}

const (
	// issuerTimeout bounds one request to the issuer, for its configuration or keys.
	issuerTimeout = 10 * time.Second
	// issuerRest is how long an issuer that could not be reached is left alone:
	// whoever comes meanwhile is told at once.
	issuerRest = 5 * time.Second
)

// NewIssuer names an issuer by its URL and the audience its tokens must be for.
// The issuer is asked for its keys when the first token comes, so that a server
// starts also while the connection is down.
func NewIssuer(url, audience string, now func() time.Time) *Issuer {
	return &Issuer{url: url, audience: audience, now: now, client: &http.Client{Timeout: issuerTimeout}}
}

// Caller gives the caller of a bearer token: its subject, with those of the
// scheme's roles that its claim "roles" holds, and held to the scopes for resources
// in its claim "scope", where there are some. It fails with an Outcome of
// IssueLogin when the token is not valid, of IssueForbidden when its scopes can't be
// kept to, and of IssueTransient when the issuer can't be reached.
func (i *Issuer) Caller(ctx context.Context, token string) (fhir.Caller, error) {
	verifier, err := i.ready(ctx)
	if err != nil {
		return fhir.Caller{}, fhir.Errorf(fhir.IssueTransient, "", "the issuer of tokens can't be reached now; try again").Because(err)
	}
	verified, err := verifier.Verify(oidc.ClientContext(ctx, i.client), token)
	if err != nil {
		return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", "the bearer token is not valid here: it must be unexpired, signed by %s, and for the audience %s", i.url, i.audience).Because(err)
	}
	var claims struct {
		Roles  []fhir.Role `json:"roles"`
		Scope  string      `json:"scope"` // RFC 9068
		Scopes audience    `json:"scp"`   // as some issuers have it, one text or several
	}
	if err := verified.Claims(&claims); err != nil {
		return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", `the bearer token's claims "roles", "scope" or "scp" are not of the kind they should be: a list of texts, a text, and either`).Because(err)
	}
	grant, err := fhir.ParseGrant(claims.Scope + " " + strings.Join(claims.Scopes, " "))
	if err != nil {
		return fhir.Caller{}, err
	}
	known := slices.DeleteFunc(claims.Roles, func(r fhir.Role) bool { return !slices.Contains(fhir.Roles(), r) })
	return fhir.Caller{Name: verified.Subject, Identity: i.url + "|" + verified.Subject, Roles: known, Grant: grant}, nil
}

// ready gives what verifies tokens. One request reaches the issuer, the others
// wait for it, as long as they may; after a failure all are told so for a while.
func (i *Issuer) ready(ctx context.Context) (*oidc.IDTokenVerifier, error) {
	if v := i.verifier.Load(); v != nil {
		return v, nil
	}
	i.mu.Lock()
	if i.failure != nil && time.Since(i.failed) < issuerRest {
		defer i.mu.Unlock()
		return nil, i.failure
	}
	asking := i.asking
	if asking == nil {
		asking = make(chan struct{})
		i.asking = asking
		go i.reach(asking)
	}
	i.mu.Unlock()
	select {
	case <-asking:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if v := i.verifier.Load(); v != nil {
		return v, nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return nil, i.failure
}

// reach asks the issuer for its configuration and closes done. The provider keeps
// its context for its keys, so that must outlive the request.
func (i *Issuer) reach(done chan struct{}) {
	provider, err := oidc.NewProvider(oidc.ClientContext(context.Background(), i.client), i.url)
	if err == nil {
		i.verifier.Store(provider.Verifier(&oidc.Config{ClientID: i.audience, Now: i.now}))
	}
	i.mu.Lock()
	i.failure, i.failed, i.asking = err, time.Now(), nil
	i.mu.Unlock()
	close(done)
}
