// Package token makes and verifies the signed text of a card's second QR code:
// who the card is of, of which plan, from when to when. A phone verifies it with
// the issuer's public keys alone, without a connection.
//
// It is made as SMART Health Cards are: a JWS (RFC 7515) in compact form, signed
// with ES256, its payload compressed with DEFLATE (RFC 1951), written in the QR
// code as "shc:/" and two digits for each character. The claims are those of a
// JWT, with names as short as they come; docs/cards.md tells all of it.
package token

import (
	"bytes"
	"compress/flate"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
)

// A Card is what a token says.
type Card struct {
	Issuer string `json:"iss"`            // the URL below which the keys and revocations are published
	Number string `json:"sub"`            // the insurance number
	Name   string `json:"name,omitempty"` // in full or the initials, as the scheme wants
	Plan   string `json:"plan,omitempty"` // the code of the plan
	From   int64  `json:"nbf"`            // the first moment of validity, in seconds since 1970
	Until  int64  `json:"exp"`            // the first moment after it
	ID     string `json:"jti"`            // of the card, as revocations name it
}

// A header is the JOSE header. Source: SMART Health Cards, "Signing".
type header struct {
	Zip string `json:"zip"`
	Alg string `json:"alg"`
	Kid string `json:"kid"`
}

const (
	algorithm   = "ES256"
	compression = "DEF"
	// coordinateBytes is the length of each half of an ES256 signature.
	// Source: RFC 7518, 3.4.
	coordinateBytes = 32
	// payloadBytesMax bounds what a payload unfolds to; ours have some 200.
	payloadBytesMax = 4 << 10
	// textBytesMax bounds what is read as a token: twice what fits into a QR code
	// of version 22.
	textBytesMax = 8 << 10
)

// A Signer signs with one ES256 key.
type Signer struct {
	Kid string
	Key *ecdsa.PrivateKey
}

// Sign gives the token of a card as a compact JWS. The signature is the same
// each time (RFC 6979), so that the same card is the same QR code.
func (s Signer) Sign(c Card) (string, error) {
	head, err := json.Marshal(header{compression, algorithm, s.Kid})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	payload, err := deflate(claims)
	if err != nil {
		return "", err
	}
	signed := encode(head) + "." + encode(payload)
	digest := sha256.Sum256([]byte(signed))
	signature, err := s.sign(digest[:])
	if err != nil {
		return "", err
	}
	return signed + "." + encode(signature), nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func deflate(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// errForm says that a text is no token.
var errForm = errors.New("the text is no card token: it is neither shc:/ with digits nor a compact JWS")

// Read gives what a token says, without verifying it.
func Read(text string) (Card, error) {
	_, c, _, err := open(text)
	return c, err
}

// parts are a token taken apart.
type parts struct {
	signed    string // what the signature is of
	signature []byte
}

func open(text string) (header, Card, parts, error) {
	var h header
	var c Card
	jws, err := compact(text)
	if err != nil {
		return h, c, parts{}, err
	}
	pieces := strings.Split(jws, ".")
	if len(pieces) != 3 {
		return h, c, parts{}, errForm
	}
	var raw [3][]byte
	for i, piece := range pieces {
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(piece); err != nil {
			return h, c, parts{}, errForm
		}
	}
	if json.Unmarshal(raw[0], &h) != nil || h.Alg != algorithm || h.Zip != compression {
		return h, c, parts{}, errForm
	}
	claims, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(raw[1])), payloadBytesMax))
	if err != nil || json.Unmarshal(claims, &c) != nil {
		return h, c, parts{}, errForm
	}
	return h, c, parts{pieces[0] + "." + pieces[1], raw[2]}, nil
}

// Valid reports whether a moment is within the validity of the card.
func (c Card) Valid(at time.Time) bool { return at.Unix() >= c.From && at.Unix() < c.Until }
