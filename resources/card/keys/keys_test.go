package keys_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"bima/resources/card/keys"
	"bima/resources/card/token"
	"bima/storage"
	"bima/storage/storagetest"
)

var now = time.Date(2026, 1, 6, 9, 0, 0, 0, time.UTC)

// ring gives the keys of an empty database.
func ring(t *testing.T) keys.Ring {
	t.Helper()
	store, err := storage.Open(t.Context(), storagetest.SQLite(t), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return keys.Ring{Notes: store}
}

func add(t *testing.T, r keys.Ring) keys.Key {
	t.Helper()
	k, err := r.Add(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func published(t *testing.T, r keys.Ring) token.JWKS {
	t.Helper()
	set, err := r.Published(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// signed gives a token of the key that signs now.
func signed(t *testing.T, r keys.Ring) string {
	t.Helper()
	s, err := r.Signer(t.Context(), false, now)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := s.Sign(token.Card{Number: "070100001018", ID: "x", Until: now.Unix() + 1})
	if err != nil {
		t.Fatal(err)
	}
	return jws
}

func state(t *testing.T, r keys.Ring, jws string) token.State {
	t.Helper()
	s, _, _ := token.Verify(jws, published(t, r), nil, now)
	return s
}

func TestTheLifeOfKeys(t *testing.T) {
	r := ring(t)
	if _, err := r.Signer(t.Context(), false, now); !errors.Is(err, keys.ErrNone) {
		t.Errorf("without a key: got %v", err)
	}
	first := add(t, r)
	old := signed(t, r)
	second := add(t, r)
	if s, err := r.Signer(t.Context(), false, now); err != nil || s.Kid != second.Kid {
		t.Errorf("the newest key does not sign: %v, %v", s.Kid, err)
	}
	if got := state(t, r, old); got != token.Valid {
		t.Errorf("after another key was made: %s", got)
	}
	if err := r.Retire(t.Context(), first.Kid, false, now); err != nil {
		t.Fatal(err)
	}
	if got := state(t, r, old); got != token.Valid {
		t.Errorf("after its key was retired: %s", got)
	}
	if err := r.Retire(t.Context(), second.Kid, false, now); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Signer(t.Context(), false, now); !errors.Is(err, keys.ErrNone) {
		t.Errorf("with retired keys only: got %v", err)
	}
	if err := r.Retire(t.Context(), first.Kid, true, now); err != nil {
		t.Fatal(err)
	}
	if got := state(t, r, old); got != token.Unknown {
		t.Errorf("after its key was withdrawn: %s", got)
	}
	if err := r.Retire(t.Context(), "none", false, now); err == nil {
		t.Error("a key that is not there was retired")
	}
	list, err := r.List(t.Context())
	if err != nil || len(list) != 1 || list[0].Signs() || !list[0].Retired.Equal(now) {
		t.Errorf("left are %+v, %v", list, err)
	}
}

func TestNoSecretIsPublished(t *testing.T) {
	r := ring(t)
	add(t, r)
	text, err := json.Marshal(published(t, r))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), `"d"`) || strings.Contains(string(text), "private") || !strings.Contains(string(text), `"kty":"EC"`) {
		t.Errorf("published is %s", text)
	}
}

func TestOneKeyIsMadeHoweverManyAsk(t *testing.T) {
	r := ring(t)
	kids := make([]string, 8)
	var group sync.WaitGroup
	for i := range kids {
		group.Go(func() {
			s, err := r.Signer(context.WithoutCancel(t.Context()), true, now)
			if err != nil {
				t.Error(err)
			}
			kids[i] = s.Kid
		})
	}
	group.Wait()
	for _, kid := range kids {
		if kid != kids[0] {
			t.Errorf("several keys were made: %v", kids)
		}
	}
	if got := len(published(t, r).Keys); got != 1 {
		t.Errorf("%d keys are published", got)
	}
}
