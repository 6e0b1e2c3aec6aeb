package smart

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"

	"github.com/go-jose/go-jose/v4"
)

// rsaBitsMin is the least length of RSA keys. Source: RFC 7518 3.3.
const rsaBitsMin = 2048

// usable reports whether a key verifies an algorithm, also by what it says of
// itself.
func usable(key jose.JSONWebKey, alg jose.SignatureAlgorithm) bool {
	if key.Use != "" && key.Use != "sig" || key.Algorithm != "" && key.Algorithm != string(alg) {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return alg == jose.RS384 && public.N.BitLen() >= rsaBitsMin
	case *ecdsa.PublicKey:
		return alg == jose.ES384 && public.Curve == elliptic.P384()
	}
	return false
}
