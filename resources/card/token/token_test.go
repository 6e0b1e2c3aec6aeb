package token_test

import (
	"bytes"
	"compress/flate"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"bima/resources/card/token"
)

// signer gives a key that is the same in each run: this is a test, nobody's cards
// are signed with it.
func signer(t testing.TB, last byte) token.Signer {
	t.Helper()
	scalar := bytes.Repeat([]byte{7}, 32)
	scalar[31] = last
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		t.Fatal(err)
	}
	public, err := token.Public(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return token.Signer{Kid: public.Kid, Key: key}
}

func keysOf(t testing.TB, signers ...token.Signer) token.JWKS {
	t.Helper()
	var set token.JWKS
	for _, s := range signers {
		public, err := token.Public(&s.Key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		set.Keys = append(set.Keys, public)
	}
	return set
}

func sign(t testing.TB, s token.Signer, c token.Card) string {
	t.Helper()
	jws, err := s.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	return jws
}

// asha is valid for 2026 in East Africa.
var asha = token.Card{
	Issuer: "https://scheme.example", Number: "070100001018", Name: "R. S.", Plan: "DHP", ID: "k7xq2mabcdef",
	From:  time.Date(2025, 12, 31, 21, 0, 0, 0, time.UTC).Unix(),
	Until: time.Date(2026, 12, 31, 21, 0, 0, 0, time.UTC).Unix(),
}

func TestWhatACardIsWorth(t *testing.T) {
	ours, other := signer(t, 1), signer(t, 2)
	good := sign(t, ours, asha)
	pieces := strings.Split(good, ".")
	foreign := strings.Split(sign(t, other, asha), ".")
	during := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	lost := &token.Revocations{Cards: []string{"another", asha.ID}}
	cases := []struct {
		name    string
		text    string
		revoked *token.Revocations
		at      time.Time
		want    token.State
	}{
		{"a good card", good, nil, during, token.Valid},
		{"as it stands in the QR code", token.Numeric(good), nil, during, token.Valid},
		{"with white space around it", "\n " + token.Numeric(good) + "\n", nil, during, token.Valid},
		{"others are revoked", good, &token.Revocations{Cards: []string{"another"}}, during, token.Valid},
		{"its first second", good, nil, time.Unix(asha.From, 0), token.Valid},
		{"a second before", good, nil, time.Unix(asha.From-1, 0), token.NotYet},
		{"its last second", good, nil, time.Unix(asha.Until-1, 0), token.Valid},
		{"a second after", good, nil, time.Unix(asha.Until, 0), token.Expired},
		{"lost", good, lost, during, token.Revoked},
		{"lost and over", good, lost, time.Unix(asha.Until, 0), token.Revoked},
		{"signed by another", strings.Join(foreign, "."), nil, during, token.Unknown},
		{"the signature of another with our key's name", pieces[0] + "." + foreign[1] + "." + foreign[2], nil, during, token.Unknown},
		{"what is signed was changed", pieces[0] + "." + strings.Split(sign(t, ours, token.Card{Number: "1", ID: "x"}), ".")[1] + "." + pieces[2], nil, during, token.Unknown},
		{"signed, but no card", sign(t, ours, token.Card{Issuer: "https://scheme.example"}), nil, during, token.Unknown},
		{"the bare insurance number", "070100001018", nil, during, token.Unknown},
		{"digits that are cut off", token.Numeric(good)[:101], nil, during, token.Unknown},
		{"no signature", pieces[0] + "." + pieces[1] + ".", nil, during, token.Unknown},
		{"nothing", "", nil, during, token.Unknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, card, why := token.Verify(c.text, keysOf(t, ours), c.revoked, c.at)
			if got != c.want {
				t.Fatalf("got %s (%s), want %s", got, why, c.want)
			}
			if got != token.Unknown && card != asha {
				t.Errorf("it says %+v", card)
			}
			if (why == "") != (got == token.Valid) {
				t.Errorf("why is %q", why)
			}
		})
	}
}

// TestAnotherImplementationVerifies verifies with go-jose what is published.
func TestAnotherImplementationVerifies(t *testing.T) {
	ours := signer(t, 1)
	published, err := json.Marshal(keysOf(t, signer(t, 2), ours))
	if err != nil {
		t.Fatal(err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(published, &set); err != nil {
		t.Fatal(err)
	}
	jws, err := jose.ParseSigned(sign(t, ours, asha), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	named := set.Key(jws.Signatures[0].Header.KeyID)
	if len(named) != 1 || !named[0].Valid() || !named[0].IsPublic() {
		t.Fatalf("the key %q leads to %v", jws.Signatures[0].Header.KeyID, named)
	}
	payload, err := jws.Verify(named[0])
	if err != nil {
		t.Fatal(err)
	}
	claims, err := io.ReadAll(flate.NewReader(bytes.NewReader(payload)))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"iss":"https://scheme.example","sub":"070100001018","name":"R. S.","plan":"DHP","nbf":1767214800,"exp":1798750800,"jti":"k7xq2mabcdef"}`
	if string(claims) != want {
		t.Errorf("it says %s, want %s", claims, want)
	}
}

func TestTheSameCardIsTheSameToken(t *testing.T) {
	s := signer(t, 1)
	if a, b := sign(t, s, asha), sign(t, s, asha); a != b {
		t.Errorf("%s and %s", a, b)
	}
}

// The worked example of the specification: "-" is 00, "z" is 77.
// Source: SMART Health Cards, "Encoding Chunks as QR Codes".
func TestDigitsAreThoseOfSMARTHealthCards(t *testing.T) {
	if got, want := token.Numeric("eyJ-z._09"), "shc:/567629007701500312"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPublishedKeysAreReadByThoseWhoVerify(t *testing.T) {
	ours := keysOf(t, signer(t, 1))
	text, err := json.Marshal(map[string]any{"keys": []any{map[string]string{"kty": "RSA", "n": "x"}, ours.Keys[0], map[string]string{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := token.ReadJWKS(text)
	if err != nil || len(got.Keys) != 1 || got.Keys[0] != ours.Keys[0] {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"", "[]", "{}", "no"} {
		if _, err := token.ReadJWKS([]byte(bad)); err == nil {
			t.Errorf("%q is taken for keys", bad)
		}
		if _, err := token.ReadRevocations([]byte(bad)); err == nil {
			t.Errorf("%q is taken for revocations", bad)
		}
	}
}

func FuzzVerify(f *testing.F) {
	s := signer(f, 1)
	good := sign(f, s, asha)
	for _, seed := range []string{good, token.Numeric(good), "shc:/", "a.b.c", "070100001018", ""} {
		f.Add(seed)
	}
	keys := keysOf(f, s)
	f.Fuzz(func(t *testing.T, text string) {
		state, card, _ := token.Verify(text, keys, nil, time.Unix(asha.From, 0))
		if state == token.Valid && card != asha {
			t.Errorf("%q is valid and says %+v", text, card)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := signer(b, 1)
	text, keys := token.Numeric(sign(b, s, asha)), keysOf(b, s)
	b.ReportAllocs()
	for b.Loop() {
		if state, _, _ := token.Verify(text, keys, nil, time.Unix(asha.From, 0)); state != token.Valid {
			b.Fatal(state)
		}
	}
}
