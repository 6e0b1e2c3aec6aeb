package smart

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
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

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier // nil until the issuer was reached
}

// issuerTimeout bounds one request to the issuer, for its configuration or keys.
const issuerTimeout = 10 * time.Second

// NewIssuer names an issuer by its URL and the audience its tokens must be for.
// The issuer is asked for its keys when the first token comes, so that a server
// starts also while the connection is down.
func NewIssuer(url, audience string, now func() time.Time) *Issuer {
	return &Issuer{url: url, audience: audience, now: now, client: &http.Client{Timeout: issuerTimeout}}
}

// Caller gives the caller of a bearer token: its subject, with those of the
// scheme's roles that its claim "roles" holds. It fails with an Outcome of
// IssueLogin when the token is not valid, and of IssueTransient when the issuer
// can't be reached.
func (i *Issuer) Caller(ctx context.Context, token string) (fhir.Caller, error) {
	verifier, err := i.ready()
	if err != nil {
		return fhir.Caller{}, fhir.Errorf(fhir.IssueTransient, "", "the issuer of tokens can't be reached now; try again").Because(err)
	}
	verified, err := verifier.Verify(oidc.ClientContext(ctx, i.client), token)
	if err != nil {
		return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", "the bearer token is not valid here: it must be unexpired, signed by %s, and for the audience %s", i.url, i.audience).Because(err)
	}
	var claims struct {
		Roles []fhir.Role `json:"roles"`
	}
	if err := verified.Claims(&claims); err != nil {
		return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", `the bearer token's claim "roles" is not a list of texts`).Because(err)
	}
	known := slices.DeleteFunc(claims.Roles, func(r fhir.Role) bool { return !slices.Contains(fhir.Roles(), r) })
	return fhir.Caller{Name: verified.Subject, Identity: i.url + "|" + verified.Subject, Roles: known}, nil
}

// ready reaches the issuer once; after a failure it tries again.
func (i *Issuer) ready() (*oidc.IDTokenVerifier, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.verifier != nil {
		return i.verifier, nil
	}
	// The provider keeps this context for its keys, so it must outlive the request.
	provider, err := oidc.NewProvider(oidc.ClientContext(context.Background(), i.client), i.url)
	if err != nil {
		return nil, err
	}
	i.verifier = provider.Verifier(&oidc.Config{ClientID: i.audience, Now: i.now})
	return i.verifier, nil
}

// bearer gives the token of an Authorization header, or false for another scheme.
func bearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}
