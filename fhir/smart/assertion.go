package smart

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"bima/fhir"
)

const (
	// assertionType is how a client names what it proves itself with.
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	// assertionLife is how long after now an assertion may end at most.
	assertionLife = 5 * time.Minute
	// clockSlack is how far the clocks of clients may go ahead of ours.
	clockSlack = 30 * time.Second
	// assertionsMost bounds the assertions of one client that are remembered.
	assertionsMost = 2000
	// assertionBytesMax bounds one, jtiBytesMax its jti.
	assertionBytesMax, jtiBytesMax = 16 << 10, 512
	// assertedNote begins the names of the notes that assertions are remembered in.
	assertedNote = "asserted "
)

// assertionAlgs are the signatures taken. Source: SMART App Launch 2.2,
// client-confidential-asymmetric ("RS384 and/or ES384").
func assertionAlgs() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.RS384, jose.ES384}
}

// ReadKeys reads the public keys of an account, a JWK Set, and gives them as they
// are stored. It fails where there is no key to verify RS384 or ES384 with, where a
// key has no kid, and where one is private: that belongs to nobody but the client.
func ReadKeys(text []byte) (string, error) {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(text, &set); err != nil {
		return "", fmt.Errorf("this is no JWK Set, {\"keys\":[…]}: %w", err)
	}
	var kids []string
	for _, key := range set.Keys {
		switch {
		case !key.IsPublic():
			return "", errors.New("a key is not public; give the public half only")
		case key.KeyID == "" || slices.Contains(kids, key.KeyID):
			return "", errors.New("each key needs a kid of its own, by which assertions name it")
		case !key.Valid() || !usable(key, jose.RS384) && !usable(key, jose.ES384):
			return "", fmt.Errorf("the key %q is none for RS384 (RSA of 2048 bits or more) or ES384 (P-384)", key.KeyID)
		}
		kids = append(kids, key.KeyID)
	}
	if len(kids) == 0 {
		return "", errors.New("there are no keys in it")
	}
	stored, err := json.Marshal(set)
	return string(stored), err
}

// An assertion is what a client signs to prove who it is. Source: RFC 7523.
type assertion struct {
	Issuer   string      `json:"iss"`
	Subject  string      `json:"sub"`
	Audience audience    `json:"aud"`
	Expires  json.Number `json:"exp"`
	Before   json.Number `json:"nbf"`
	ID       string      `json:"jti"`
	signed   *jose.JSONWebSignature
}

// An audience is one text or several. Source: RFC 7519 4.1.3.
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

// noClient refuses a client by what is wrong with its assertion.
func noClient(format string, args ...any) error {
	return fhir.Errorf(fhir.IssueLogin, "", "the client_assertion "+format, args...)
}

// asserted gives the account that signed an assertion, which is good once. It
// fails with an Outcome of IssueLogin where it proves nothing.
func (a *Authenticator) asserted(ctx context.Context, text, id string) (fhir.Account, error) {
	said, err := a.tokens.assertion(text)
	if err != nil {
		return fhir.Account{}, err
	}
	if id != "" && id != said.Subject {
		return fhir.Account{}, noClient("is of another client than client_id")
	}
	account, found, err := a.accounts.Account(ctx, said.Subject)
	if err != nil {
		return account, err
	}
	var keys jose.JSONWebKeySet
	if found && !account.Disabled {
		if keys, err = a.keysOf(ctx, account, said.signed.Signatures[0].Header.KeyID); err != nil {
			return account, err
		}
	}
	// One answer for who is unknown and whose signature is wrong.
	if !said.signedBy(keys) {
		return account, noClient("is not signed by a key that the account is known by")
	}
	return account, a.tokens.once(ctx, said)
}

// assertion reads an assertion and looks at all of it but the signature.
func (t *Tokens) assertion(text string) (assertion, error) {
	var said assertion
	if len(text) > assertionBytesMax {
		return said, noClient("is too long")
	}
	signed, err := jose.ParseSignedCompact(text, assertionAlgs())
	if err != nil {
		return said, noClient("is no JWT that is signed with RS384 or ES384")
	}
	said.signed = signed
	if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &said); err != nil {
		return said, noClient("has claims that can't be read")
	}
	now := t.now()
	expires, err := said.Expires.Int64()
	switch here := t.issuer + TokenPath; {
	case said.Subject == "" || said.Issuer != said.Subject:
		return said, noClient("must have the client's name, the same, as iss and sub")
	case !slices.Contains(said.Audience, here):
		return said, noClient("must be for this token endpoint: aud %s", here)
	case err != nil || now.Unix() >= expires:
		return said, noClient("has run out, or has no exp in seconds since 1970")
	case expires > now.Add(assertionLife+clockSlack).Unix():
		return said, noClient("must end by exp within 5 minutes")
	case said.ID == "" || len(said.ID) > jtiBytesMax:
		return said, noClient("needs a jti of its own, of at most %d bytes", jtiBytesMax)
	}
	if before, err := said.Before.Int64(); said.Before != "" && (err != nil || before > now.Add(clockSlack).Unix()) {
		return said, noClient("is not good yet (nbf)")
	}
	return said, nil
}

// signedBy reports whether one of the keys, that which the assertion names, signed
// it.
func (s assertion) signedBy(set jose.JSONWebKeySet) bool {
	header := s.signed.Signatures[0].Header
	if header.KeyID == "" {
		return false
	}
	for _, key := range set.Key(header.KeyID) {
		if usable(key, jose.SignatureAlgorithm(header.Algorithm)) {
			if _, err := s.signed.Verify(key.Key); err == nil {
				return true
			}
		}
	}
	return false
}

// used are the assertions of a client that were good, by a hash of their jti, until
// they end.
type used map[string]int64

// once notes an assertion, in what all processes share, and refuses one that was
// used before.
func (t *Tokens) once(ctx context.Context, said assertion) error {
	t.noting.Lock()
	defer t.noting.Unlock()
	name := assertedNote + hashed(said.Subject)
	expires, _ := said.Expires.Int64()
	for range keyAttempts {
		text, version, err := t.keys.notes.Note(ctx, name)
		if err != nil {
			return err
		}
		before, now := used{}, t.now().Unix()
		if text != nil && json.Unmarshal(text, &before) != nil {
			return errors.New("the note of assertions is damaged: " + name)
		}
		for id, until := range before {
			if until <= now {
				delete(before, id)
			}
		}
		id := hashed(said.ID)
		if _, again := before[id]; again {
			return noClient("was used before; each needs a jti of its own")
		}
		if len(before) >= assertionsMost {
			return fhir.Errorf(fhir.IssueThrottled, "", "the client asked for %d tokens within minutes; use each for its hour", assertionsMost)
		}
		before[id] = expires
		if text, err = json.Marshal(before); err != nil {
			return err
		}
		if set, err := t.keys.notes.SetNote(ctx, name, text, version); err != nil || set {
			return err
		}
	}
	return errors.New("others kept noting assertions of the client")
}

// hashed gives a short text that stands for a long one.
func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
