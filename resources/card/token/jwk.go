package token

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// A JWK is a public key for ES256. Source: RFC 7517; RFC 7518, 6.2.1.
type JWK struct {
	Kty string `json:"kty"`
	Kid string `json:"kid"`
	Use string `json:"use,omitempty"`
	Alg string `json:"alg,omitempty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y"`
}

// A JWKS is a set of public keys, as /.well-known/jwks.json publishes it.
// Source: RFC 7517, 5.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// kidCharacters is how much of the thumbprint names a key: 66 bits, so that it
// takes little of the QR code.
const kidCharacters = 11

// Public gives the JWK of a key, named by the beginning of its thumbprint
// (RFC 7638).
func Public(key *ecdsa.PublicKey) (JWK, error) {
	point, err := key.Bytes()
	if err != nil || key.Curve != elliptic.P256() {
		return JWK{}, errors.New("the key is not of the curve P-256")
	}
	k := JWK{Kty: "EC", Use: "sig", Alg: algorithm, Crv: "P-256", X: encode(point[1 : 1+coordinateBytes]), Y: encode(point[1+coordinateBytes:])}
	sum := sha256.Sum256(fmt.Appendf(nil, `{"crv":"P-256","kty":"EC","x":%q,"y":%q}`, k.X, k.Y))
	k.Kid = encode(sum[:])[:kidCharacters]
	return k, nil
}

// public gives the key of a JWK.
func (k JWK) public() (*ecdsa.PublicKey, error) {
	x, errX := base64.RawURLEncoding.DecodeString(k.X)
	y, errY := base64.RawURLEncoding.DecodeString(k.Y)
	if k.Kty != "EC" || k.Crv != "P-256" || errX != nil || errY != nil {
		return nil, fmt.Errorf("the key %q is no public key of the curve P-256", k.Kid)
	}
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
}

// ReadJWKS reads a set of keys; those of other kinds are left out, as RFC 7517
// asks. It fails where the text is no such set.
func ReadJWKS(text []byte) (JWKS, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil || set.Keys == nil {
		return JWKS{}, errors.New(`the text is no set of keys: it needs a list "keys"`)
	}
	var out JWKS
	for _, raw := range set.Keys {
		var k JWK
		if json.Unmarshal(raw, &k) != nil {
			continue
		}
		if _, err := k.public(); err == nil {
			out.Keys = append(out.Keys, k)
		}
	}
	return out, nil
}

// find gives the key of a name.
func (s JWKS) find(kid string) (*ecdsa.PublicKey, bool) {
	for _, k := range s.Keys {
		if k.Kid == kid {
			key, err := k.public()
			return key, err == nil
		}
	}
	return nil, false
}
