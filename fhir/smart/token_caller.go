package smart

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"

	"bima/fhir"
)

// Take has the Authenticator give tokens, and know callers by them. It is called
// before the first request.
func (a *Authenticator) Take(t *Tokens) { a.tokens = t }

// Login gives a token to the account of a name and password, for all that its roles
// allow. It fails with an Outcome of IssueLogin where they are wrong. On a server
// that lets in everybody any name is given one.
func (a *Authenticator) Login(ctx context.Context, name, password string) (Token, error) {
	return a.login(ctx, name, password, "")
}

// login is Login for some scopes; "" is all that the roles allow. It fails with an
// Outcome of IssueForbidden where the scopes can't be granted.
func (a *Authenticator) login(ctx context.Context, name, password, scopes string) (Token, error) {
	if a.tokens == nil {
		return Token{}, fhir.Errorf(fhir.IssueNotSupported, "", "this server gives no tokens")
	}
	if a.open && name != "" {
		return a.tokens.issue(ctx, fhir.Account{Name: fhir.Developer().Name}, scopes, true)
	}
	account, err := a.account(ctx, name, password)
	if err != nil {
		return Token{}, err
	}
	return a.tokens.issue(ctx, account, scopes, false)
}

// account gives the account of a name and password, or an Outcome that does not
// tell which of them was wrong.
func (a *Authenticator) account(ctx context.Context, name, password string) (fhir.Account, error) {
	account, found, err := a.accounts.Account(ctx, name)
	if err != nil {
		return account, err
	}
	if !a.matches(account, found, name, password) || account.Disabled {
		return account, fhir.Errorf(fhir.IssueLogin, "", "name or password is wrong")
	}
	return account, nil
}

// callerOf gives the caller that an account is.
func callerOf(a fhir.Account) fhir.Caller {
	return fhir.Caller{Name: a.Name, Identity: a.Name, Roles: a.Roles, Entity: a.Entity}
}

// byToken gives the caller of a bearer token: of ours, or of the issuer.
func (a *Authenticator) byToken(ctx context.Context, text string) (fhir.Caller, error) {
	if a.tokens != nil {
		claims, key, ours, err := a.tokens.read(ctx, text)
		if err != nil {
			return fhir.Caller{}, err
		}
		if ours {
			return a.bearerOf(ctx, claims, key)
		}
	}
	if a.issuer == nil {
		return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", "the bearer token is not of this server; get one from /oauth2/token, or send HTTP Basic with the name and password of an account")
	}
	return a.issuer.Caller(ctx, text)
}

// bearerOf gives the account a token was given to, as it is now.
func (a *Authenticator) bearerOf(ctx context.Context, c tokenClaims, key tokenKey) (fhir.Caller, error) {
	grant, err := c.grant()
	if err != nil {
		return fhir.Caller{}, err
	}
	if c.Open && a.open {
		caller := fhir.Developer()
		caller.Grant = grant
		return caller, nil
	}
	account, found, err := a.accounts.Account(ctx, c.Subject)
	if err != nil {
		return fhir.Caller{}, err
	}
	if c.Open || !found || account.Disabled || c.Mark != key.mark(account.Secret+account.Keys) {
		return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", "the account has changed since this token was given; get another one from /oauth2/token")
	}
	caller := callerOf(account)
	caller.Grant = grant
	return caller, nil
}

// grant gives what the token is held to; nil where its client asked for no scopes.
func (c tokenClaims) grant() (*fhir.Grant, error) {
	if !c.Asked {
		return nil, nil
	}
	return fhir.ParseGrant(c.Scope)
}

// credentials are what a request says of who sends it: a name and password, or a
// bearer token.
type credentials struct {
	name, password string
	token          string
	given, known   bool // whether there are some, of a kind that is known
}

// credentialsOf reads the Authorization header, and that of clients which send the
// same by another name: `Authorization: ApiToken`, as DHIS2 does, and `apiKey`.
// These hold a bearer token, or what HTTP Basic sends.
func credentialsOf(h http.Header) credentials {
	text := strings.TrimSpace(h.Get("Authorization"))
	scheme, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	switch key := h.Get("Apikey"); {
	case key != "" && (text == "" || rest == "" || rest == "null"):
		return apiKey(key)
	case text == "":
		return credentials{}
	case strings.EqualFold(scheme, "Bearer"):
		return credentials{token: rest, given: true, known: rest != ""}
	case strings.EqualFold(scheme, "Basic"):
		return basic(rest)
	case strings.EqualFold(scheme, "ApiToken"):
		return apiKey(rest)
	}
	return credentials{given: true}
}

// apiKey reads one text that stands for a caller.
func apiKey(text string) credentials {
	if strings.Count(text, ".") == 2 {
		return credentials{token: text, given: true, known: true}
	}
	return basic(text)
}

// basic reads what HTTP Basic sends. Source: RFC 7617.
func basic(text string) credentials {
	c := credentials{given: true}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return c
	}
	c.name, c.password, c.known = strings.Cut(string(raw), ":")
	return c
}
