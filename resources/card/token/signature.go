package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"math/big"
)

// sign signs a digest and gives the two halves of the signature one after the
// other. Source: RFC 7518, 3.4.
func (s Signer) sign(digest []byte) ([]byte, error) {
	// Without a source of randomness the signature is that of RFC 6979.
	der, err := s.Key.Sign(nil, digest, crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var halves struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &halves); err != nil || len(rest) > 0 {
		return nil, errors.New("token: the signature is not of the form expected")
	}
	out := make([]byte, 2*coordinateBytes)
	halves.R.FillBytes(out[:coordinateBytes])
	halves.S.FillBytes(out[coordinateBytes:])
	return out, nil
}

// verify reports whether the key signed what is signed.
func (p parts) verify(key *ecdsa.PublicKey) bool {
	if len(p.signature) != 2*coordinateBytes {
		return false
	}
	digest := sha256.Sum256([]byte(p.signed))
	r := new(big.Int).SetBytes(p.signature[:coordinateBytes])
	s := new(big.Int).SetBytes(p.signature[coordinateBytes:])
	return ecdsa.Verify(key, digest[:], r, s)
}
