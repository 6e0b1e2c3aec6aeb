package smart

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"bima/fhir"
)

// tokenNote is where the keys of our tokens are kept: beside the resources of the
// database and never among them, so that no search, export or log shows one.
const tokenNote = "token-keys"

const (
	// keySigns is how long a key signs before another one is made.
	keySigns = 30 * 24 * time.Hour
	// keyKept is how long it is kept: until all it signed has run out, also by the
	// clock of another process.
	keyKept = keySigns + 2*TokenLife
	// keyBytes is the length of a key, that of the hash it is used with.
	keyBytes = 32
	// keyAttempts is how often a new key is tried while others make one, too.
	keyAttempts = 20
	// keyLook is how soon the keys are looked up again for one that is not known:
	// another process may have made it, and anybody may name one.
	keyLook = time.Second
)

// kidPrefix begins the names of our keys, so that our tokens are told from those
// of an issuer.
const kidPrefix = "bima-"

// A tokenKey signs tokens by HMAC: only servers of the scheme verify them.
type tokenKey struct {
	Kid    string    `json:"kid"`
	Secret []byte    `json:"secret"`
	Made   time.Time `json:"made"`
}

// tokenKeys are the keys of the scheme's tokens, which all its processes share
// through the database. It is safe for concurrent use.
type tokenKeys struct {
	notes fhir.Notebook

	mu     sync.Mutex
	list   []tokenKey // the oldest first
	looked time.Time  // when they were read
}

// signer gives the key that signs now; it makes one where there is none or it has
// become old.
func (k *tokenKeys) signer(ctx context.Context, now time.Time) (tokenKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if newest, ok := signing(k.list, now); ok {
		return newest, nil
	}
	for range keyAttempts {
		list, version, err := k.read(ctx, now)
		if err != nil {
			return tokenKey{}, err
		}
		if newest, ok := signing(list, now); ok {
			return newest, nil
		}
		made := tokenKey{Kid: kidPrefix + rand.Text(), Secret: make([]byte, keyBytes), Made: now.UTC().Truncate(time.Second)}
		if _, err := rand.Read(made.Secret); err != nil {
			return tokenKey{}, err
		}
		text, err := json.Marshal(append(living(list, now), made))
		if err != nil {
			return tokenKey{}, err
		}
		if _, err := k.notes.SetNote(ctx, tokenNote, text, version); err != nil {
			return tokenKey{}, err
		}
	}
	return tokenKey{}, errors.New("others kept changing the keys of tokens")
}

// find gives a key by its name; false where there is none.
func (k *tokenKeys) find(ctx context.Context, kid string, now time.Time) (tokenKey, bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := named(k.list, kid, now); ok {
		return key, true, nil
	}
	if since := now.Sub(k.looked); !k.looked.IsZero() && since >= 0 && since < keyLook {
		return tokenKey{}, false, nil
	}
	list, _, err := k.read(ctx, now)
	if err != nil {
		return tokenKey{}, false, err
	}
	key, ok := named(list, kid, now)
	return key, ok, nil
}

// read reads the keys and remembers them.
func (k *tokenKeys) read(ctx context.Context, now time.Time) ([]tokenKey, int64, error) {
	text, version, err := k.notes.Note(ctx, tokenNote)
	if err != nil {
		return nil, 0, err
	}
	var list []tokenKey
	if text != nil {
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, 0, errors.New("the keys of tokens can't be read: the note " + tokenNote + " of the database is damaged")
		}
	}
	k.list, k.looked = list, now
	return list, version, nil
}

// signing gives the newest key, where it is young enough to sign.
func signing(list []tokenKey, now time.Time) (tokenKey, bool) {
	if len(list) == 0 {
		return tokenKey{}, false
	}
	newest := list[len(list)-1]
	return newest, now.Before(newest.Made.Add(keySigns))
}

// living gives the keys that may have signed what is still good.
func living(list []tokenKey, now time.Time) []tokenKey {
	var kept []tokenKey
	for _, k := range list {
		if now.Before(k.Made.Add(keyKept)) {
			kept = append(kept, k)
		}
	}
	return kept
}

func named(list []tokenKey, kid string, now time.Time) (tokenKey, bool) {
	for _, k := range living(list, now) {
		if k.Kid == kid && strings.HasPrefix(kid, kidPrefix) && len(k.Secret) == keyBytes {
			return k, true
		}
	}
	return tokenKey{}, false
}
