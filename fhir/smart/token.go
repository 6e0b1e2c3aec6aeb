package smart

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"bima/fhir"
)

// TokenLife is how long a token of ours is good.
const TokenLife = time.Hour

// A Token is a bearer token of ours.
type Token struct {
	Text    string
	Expires time.Time
	Scope   string // what the client may do, in SMART's words
}

// Tokens gives accounts bearer tokens, and knows them again: in every process of
// the scheme and after a restart, since their keys are in the database. A token
// ends by itself, and at once when its account is disabled, removed or gets
// another password. It is safe for concurrent use.
type Tokens struct {
	issuer string
	keys   tokenKeys
	now    func() time.Time

	noting sync.Mutex // held while an assertion is noted, so that only other processes come between
}

// NewTokens makes the Tokens of the server at a URL, which they name as their
// issuer. Its keys are kept in the notebook.
func NewTokens(notes fhir.Notebook, url string, now func() time.Time) *Tokens {
	return &Tokens{issuer: url, keys: tokenKeys{notes: notes}, now: now}
}

// A tokenHeader is the JOSE header of a token.
type tokenHeader struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
	Kid string `json:"kid"`
}

// tokenClaims are what a token says. Source: RFC 7519, RFC 9068.
type tokenClaims struct {
	Issuer  string `json:"iss"`
	Subject string `json:"sub"` // the account's name
	Issued  int64  `json:"iat"`
	Expires int64  `json:"exp"`
	Scope   string `json:"scope"`
	// Asked marks tokens whose client asked for these scopes: it is held to them.
	Asked bool `json:"asked,omitempty"`
	// Open marks those of a server that lets in everybody.
	Open bool `json:"open,omitempty"`
	// Mark stands for the account's secret, of which it tells nothing.
	Mark string `json:"mark"`
}

const tokenAlg = "HS256"

// issue signs a token for an account, with the scopes that the client asked for,
// if any; open is that of whoever comes to a server that lets in everybody.
func (t *Tokens) issue(ctx context.Context, account fhir.Account, scopes string, open bool) (Token, error) {
	grant, err := granted(scopes, account.Roles)
	if err != nil {
		return Token{}, err
	}
	now := t.now()
	key, err := t.keys.signer(ctx, now)
	if err != nil {
		return Token{}, err
	}
	made := Token{Expires: now.Add(TokenLife).Truncate(time.Second), Scope: scopeOf(account.Roles)}
	if grant != nil {
		made.Scope = grant.String()
	}
	head, err := json.Marshal(tokenHeader{Alg: tokenAlg, Typ: "JWT", Kid: key.Kid})
	if err != nil {
		return Token{}, err
	}
	claims, err := json.Marshal(tokenClaims{
		Issuer: t.issuer, Subject: account.Name, Issued: now.Unix(), Expires: made.Expires.Unix(),
		Scope: made.Scope, Asked: grant != nil, Open: open, Mark: key.mark(account.Secret + account.Keys),
	})
	if err != nil {
		return Token{}, err
	}
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(claims)
	made.Text = text + "." + base64.RawURLEncoding.EncodeToString(key.sign(text))
	return made, nil
}

// read gives what a token of ours says; ours is false for what somebody else
// signs. It fails with an Outcome of IssueLogin where the token is not good.
func (t *Tokens) read(ctx context.Context, text string) (c tokenClaims, key tokenKey, ours bool, err error) {
	signed, signature, parted := cutLast(text)
	head, claims, also := strings.Cut(signed, ".")
	var h tokenHeader
	if !parted || !also || !decode(head, &h) || !strings.HasPrefix(h.Kid, kidPrefix) {
		return c, key, false, nil
	}
	now := t.now()
	key, known, err := t.keys.find(ctx, h.Kid, now)
	if err != nil {
		return c, key, true, err
	}
	got, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	good := known && err == nil && h.Alg == tokenAlg && hmac.Equal(got, key.sign(signed)) && decode(claims, &c)
	if !good || now.Unix() >= c.Expires {
		return c, key, true, fhir.Errorf(fhir.IssueLogin, "", "the bearer token is not valid here, or has run out; get another one from /oauth2/token")
	}
	return c, key, true, nil
}

// sign gives the signature of a text.
func (k tokenKey) sign(text string) []byte {
	mac := hmac.New(sha256.New, k.Secret)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// mark stands for the secret and the keys of an account in a token, so that others
// end it.
func (k tokenKey) mark(secret string) string {
	return base64.RawURLEncoding.EncodeToString(k.sign("account:" + secret)[:16])
}

// cutLast cuts a text at its last full stop.
func cutLast(text string) (before, after string, ok bool) {
	i := strings.LastIndexByte(text, '.')
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+1:], true
}

// decode reads a part of a token.
func decode(part string, into any) bool {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}
