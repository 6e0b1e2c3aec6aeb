package smart

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"bima/fhir"
)

// Accounts finds the account of a login name.
type Accounts interface {
	Account(ctx context.Context, name string) (fhir.Account, bool, error)
}

// An Authenticator knows callers by HTTP Basic, by bearer tokens of our own, and by
// those of an Issuer where it has one. It is safe for concurrent use.
type Authenticator struct {
	accounts Accounts
	issuer   *Issuer // of bearer tokens; nil where there is none
	tokens   *Tokens // our own; nil where there are none
	open     bool
	now      func() time.Time
	// published are the keys of accounts that have them at a URL.
	published library
	// decoy gives a hash nobody's password matches, so that unknown names cost as
	// much as known ones. It is made when the first one comes: a start needs none.
	decoy   func() string
	key     [32]byte  // of this process, so that remembered logins mean nothing outside it
	hashing chan bool // bounds the memory that concurrent logins take

	mu         sync.Mutex
	remembered map[[32]byte]remembered
}

// A remembered login spares the hash for a short while: a client sends its
// password with every request.
type remembered struct {
	until time.Time
	hash  string // of the account at that time, so that a changed password ends it
}

const (
	// rememberFor is how long a login is remembered.
	rememberFor = 5 * time.Minute
	// rememberMax is how many logins are remembered.
	rememberMax = 10_000
	// hashingMax is how many passwords are hashed at once: 16 × 19 MiB.
	hashingMax = 16
)

// NewAuthenticator gives an Authenticator over the accounts and, where it is not
// nil, the issuer. With open, requests
// without credentials come from fhir.Developer: for a server that listens on
// loopback only.
func NewAuthenticator(accounts Accounts, issuer *Issuer, open bool, now func() time.Time) (*Authenticator, error) {
	a := &Authenticator{
		accounts: accounts, issuer: issuer, open: open, now: now,
		decoy: sync.OnceValue(func() string {
			hash, err := Hash(rand.Text())
			if err != nil {
				return ""
			}
			return hash
		}),
		hashing: make(chan bool, hashingMax), remembered: map[[32]byte]remembered{},
	}
	_, err := rand.Read(a.key[:])
	return a, err
}

// Authenticate gives the caller of a request. It fails with an Outcome of
// IssueLogin when the credentials are missing or wrong; it does not tell which
// of name and password was wrong.
func (a *Authenticator) Authenticate(r *http.Request) (fhir.Caller, error) {
	c := credentialsOf(r.Header)
	switch {
	case c.given && !c.known:
		return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", "the Authorization header holds credentials of a kind this server is not set up for")
	case c.token != "":
		return a.byToken(r.Context(), c.token)
	case !c.given && a.open:
		return fhir.Developer(), nil
	case !c.given:
		return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", "this needs credentials: send HTTP Basic with the name and password of an account (made by `bima user add`), or a bearer token from /oauth2/token")
	}
	account, err := a.account(r.Context(), c.name, c.password)
	if err != nil {
		return fhir.Caller{}, err
	}
	return callerOf(account), nil
}

// matches verifies a password, or remembers that it has.
func (a *Authenticator) matches(account fhir.Account, found bool, name, password string) bool {
	login := a.loginKey(name, password)
	if found && a.isRemembered(login, account.Secret) {
		return true
	}
	hash := account.Secret
	if !found {
		hash = a.decoy()
	}
	a.hashing <- true
	ok := Verify(hash, password) && found
	<-a.hashing
	if ok {
		a.remember(login, account.Secret)
	}
	return ok
}

func (a *Authenticator) loginKey(name, password string) [32]byte {
	text := append(append([]byte(nil), a.key[:]...), name...)
	text = append(text, 0)
	return sha256.Sum256(append(text, password...))
}

func (a *Authenticator) isRemembered(login [32]byte, hash string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	r, ok := a.remembered[login]
	return ok && r.hash == hash && a.now().Before(r.until)
}

func (a *Authenticator) remember(login [32]byte, hash string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.remembered) >= rememberMax {
		clear(a.remembered)
	}
	a.remembered[login] = remembered{until: a.now().Add(rememberFor), hash: hash}
}
