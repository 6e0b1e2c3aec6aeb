// Package keys keeps the keys that cards are signed with: pairs for ES256, of
// which the newest signs and all are published until cards signed with them have
// run out.
//
// They are kept in a fhir.Notebook, so beside the resources of the database and
// never among them: no search, export or log shows one. Its door is Ring.
package keys

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"bima/fhir"
	"bima/resources/card/token"
)

// noteName is where the keys are kept.
const noteName = "card-keys"

// keysMax bounds how many keys there are: one for each month of many years.
const keysMax = 200

// attemptsMax is how often a change is tried while others change the keys too.
const attemptsMax = 20

// A Key is one pair. One that is retired has lost its private half.
type Key struct {
	token.JWK
	Private []byte    `json:"private,omitempty"` // the scalar of the curve, 32 bytes
	Made    time.Time `json:"made"`
	Retired time.Time `json:"retired,omitzero"`
}

// Signs reports whether the key can still sign.
func (k Key) Signs() bool { return k.Private != nil }

// A Ring is the keys of a scheme. It is safe for concurrent use.
type Ring struct{ Notes fhir.Notebook }

// ErrNone says that no key signs.
var ErrNone = errors.New("there is no key to sign cards with; make one with `bima key add`")

// List gives the keys, the oldest first.
func (r Ring) List(ctx context.Context) ([]Key, error) {
	list, _, err := r.read(ctx)
	return list, err
}

func (r Ring) read(ctx context.Context) ([]Key, int64, error) {
	text, version, err := r.Notes.Note(ctx, noteName)
	if err != nil || text == nil {
		return nil, version, err
	}
	var list []Key
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, 0, errors.New("the keys of the cards can't be read: the note " + noteName + " of the database is damaged")
	}
	return list, version, nil
}

// change replaces the keys by what of makes of them, nil leaving them as they are.
func (r Ring) change(ctx context.Context, of func([]Key) ([]Key, error)) error {
	for range attemptsMax {
		list, version, err := r.read(ctx)
		if err != nil {
			return err
		}
		changed, err := of(list)
		if err != nil || changed == nil {
			return err
		}
		text, err := json.Marshal(changed)
		if err != nil {
			return err
		}
		if done, err := r.Notes.SetNote(ctx, noteName, text, version); err != nil || done {
			return err
		}
	}
	return errors.New("others kept changing the keys; try again")
}

// Add makes a key, which signs from now on.
func (r Ring) Add(ctx context.Context, now time.Time) (Key, error) {
	return r.add(ctx, now, func([]Key) bool { return true })
}

// add makes a key where wanted says so of those that are there.
func (r Ring) add(ctx context.Context, now time.Time, wanted func([]Key) bool) (made Key, err error) {
	var private *ecdsa.PrivateKey
	var public token.JWK
	// A name that begins with a hyphen would be taken for a flag.
	for public.Kid == "" || public.Kid[0] == '-' {
		if private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return made, err
		}
		if public, err = token.Public(&private.PublicKey); err != nil {
			return made, err
		}
	}
	scalar, err := private.Bytes()
	if err != nil {
		return made, err
	}
	made = Key{JWK: public, Private: scalar, Made: now.UTC().Truncate(time.Second)}
	return made, r.change(ctx, func(list []Key) ([]Key, error) {
		switch {
		case !wanted(list):
			return nil, nil
		case len(list) >= keysMax:
			return nil, errors.New("there are as many keys as can be published; withdraw old ones with `bima key retire KID --withdraw`")
		}
		return append(list, made), nil
	})
}

// Retire takes a key's private half away: it signs no more, and cards signed with
// it stay good. With withdraw the key is not published any more either, so that
// its cards become unknown: for a key that was stolen.
func (r Ring) Retire(ctx context.Context, kid string, withdraw bool, now time.Time) error {
	return r.change(ctx, func(list []Key) ([]Key, error) {
		kept := make([]Key, 0, len(list))
		found := false
		for _, k := range list {
			if k.Kid != kid {
				kept = append(kept, k)
				continue
			}
			found = true
			if withdraw {
				continue
			}
			if k.Signs() {
				k.Private, k.Retired = nil, now.UTC().Truncate(time.Second)
			}
			kept = append(kept, k)
		}
		if !found {
			return nil, errors.New("there is no key " + kid + "; `bima key list` tells those there are")
		}
		return kept, nil
	})
}

// Signer gives the newest key that signs. Where there is none it makes one, if it
// may, and fails with ErrNone if not.
func (r Ring) Signer(ctx context.Context, make bool, now time.Time) (token.Signer, error) {
	list, err := r.List(ctx)
	if err != nil {
		return token.Signer{}, err
	}
	if k, ok := newest(list); ok {
		return k.signer()
	}
	if !make {
		return token.Signer{}, ErrNone
	}
	if _, err = r.add(ctx, now, func(list []Key) bool { _, ok := newest(list); return !ok }); err != nil {
		return token.Signer{}, err
	}
	return r.Signer(ctx, false, now)
}

// newest gives the key that was made last of those that sign.
func newest(list []Key) (Key, bool) {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Signs() {
			return list[i], true
		}
	}
	return Key{}, false
}

func (k Key) signer() (token.Signer, error) {
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), k.Private)
	if err != nil {
		return token.Signer{}, errors.New("the key " + k.Kid + " can't be read")
	}
	return token.Signer{Kid: k.Kid, Key: private}, nil
}

// Published gives the public halves of all keys.
func (r Ring) Published(ctx context.Context) (token.JWKS, error) {
	list, err := r.List(ctx)
	set := token.JWKS{Keys: make([]token.JWK, 0, len(list))}
	for _, k := range list {
		set.Keys = append(set.Keys, k.JWK)
	}
	return set, err
}
