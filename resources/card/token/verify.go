package token

import (
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// A State is what a verifier says of a card.
type State string

// The states of a card.
const (
	Valid   State = "valid"
	NotYet  State = "not yet valid"
	Expired State = "expired"
	Revoked State = "revoked"
	Unknown State = "unknown" // no card of this issuer: not readable, or not signed with one of its keys
)

// Revocations are the cards that are no longer good though their time is not
// over, as /.well-known/card-revocations.json publishes them.
type Revocations struct {
	Issuer  string   `json:"iss"`
	Updated string   `json:"updated,omitempty"` // an instant: when the last of them was revoked
	Cards   []string `json:"cards"`             // their ids, sorted
}

// ReadRevocations reads a list of revocations. It fails where the text is none.
func ReadRevocations(text []byte) (*Revocations, error) {
	var r Revocations
	if err := json.Unmarshal(text, &r); err != nil || r.Cards == nil {
		return nil, errors.New(`the text is no list of revocations: it needs a list "cards"`)
	}
	return &r, nil
}

// Has reports whether a card is revoked.
func (r *Revocations) Has(id string) bool { return r != nil && slices.Contains(r.Cards, id) }

// Verify says what a token, in digits or as a JWS, is worth at a moment, and what
// it says. Without revocations none is known. The Card of an Unknown is not to be
// believed. Why tells a person what is wrong with it.
func Verify(text string, keys JWKS, revoked *Revocations, at time.Time) (s State, c Card, why string) {
	h, c, p, err := open(text)
	if err != nil {
		return Unknown, Card{}, err.Error()
	}
	key, found := keys.find(h.Kid)
	switch {
	case !found:
		return Unknown, c, "the key " + h.Kid + " is not among those of the issuer"
	case !p.verify(key):
		return Unknown, c, "the signature is not that of the key it names"
	case c.ID == "" || c.Number == "":
		return Unknown, c, "it is signed, but it is no card"
	case revoked.Has(c.ID):
		return Revoked, c, "the card was reported lost or replaced by another"
	case at.Unix() >= c.Until:
		return Expired, c, "its time is over"
	case at.Unix() < c.From:
		return NotYet, c, "its time has not begun"
	}
	return Valid, c, ""
}
