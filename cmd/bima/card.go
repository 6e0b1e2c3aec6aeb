package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"bima/resources/card/keys"
	"bima/resources/card/token"
)

// keyCommand administers the keys that cards are signed with.
type keyCommand struct {
	Add    keyAddCommand    `cmd:"" help:"Make a key, which signs cards from now on; the older ones stay published."`
	List   keyListCommand   `cmd:"" help:"List the keys: kid, when they were made, and what they do."`
	Retire keyRetireCommand `cmd:"" help:"Let a key sign no more; cards signed with it stay good."`
}

type keyAddCommand struct{ databaseFlag }

// Run makes a key and prints its kid.
func (c keyAddCommand) Run(ctx context.Context, s streams) error {
	return c.ring(ctx, func(r keys.Ring) error {
		made, err := r.Add(ctx, time.Now())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "key %s signs cards from now on\n", made.Kid)
		return err
	})
}

// ring opens the keys of the database for a while.
func (f databaseFlag) ring(ctx context.Context, use func(keys.Ring) error) error {
	store, err := f.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(use(keys.Ring{Notes: store}), store.Close())
}

type keyListCommand struct{ databaseFlag }

// Run lists the keys, tab-separated, the oldest first. The newest that is not
// retired signs.
func (c keyListCommand) Run(ctx context.Context, s streams) error {
	return c.ring(ctx, func(r keys.Ring) error {
		list, err := r.List(ctx)
		if err != nil {
			return err
		}
		signing := len(list) - 1
		for signing >= 0 && !list[signing].Signs() {
			signing--
		}
		for i, k := range list {
			does := "published"
			switch {
			case i == signing:
				does = "signs"
			case !k.Signs():
				does = "published, retired " + k.Retired.Format(time.RFC3339)
			}
			fmt.Fprintf(s.out, "%s\t%s\t%s\n", k.Kid, k.Made.Format(time.RFC3339), does)
		}
		return nil
	})
}

type keyRetireCommand struct {
	databaseFlag
	Kid      string `arg:"" help:"The key, as bima key list names it."`
	Withdraw bool   `help:"Publish it no more either, so that its cards become unknown: for a key that was stolen."`
}

// Run retires the key; one that is not there is an error.
func (c keyRetireCommand) Run(ctx context.Context, s streams) error {
	return c.ring(ctx, func(r keys.Ring) error {
		if err := r.Retire(ctx, c.Kid, c.Withdraw, time.Now()); err != nil {
			return err
		}
		became := "signs no more; cards signed with it stay good"
		if c.Withdraw {
			became = "is withdrawn; cards signed with it are unknown now"
		}
		_, err := fmt.Fprintf(s.out, "key %s %s\n", c.Kid, became)
		return err
	})
}

// cardCommand is about cards in the hand.
type cardCommand struct {
	Verify cardVerifyCommand `cmd:"" help:"Say whether a card is valid, by what its large QR code holds."`
}

type cardVerifyCommand struct {
	databaseFlag
	Code        string `arg:"" help:"What the code holds (shc:/… or a JWS), a file with it, or - for standard input."`
	JWKS        string `name:"jwks" help:"The issuer's keys, from its /.well-known/jwks.json; without it those of the database." placeholder:"FILE"`
	Revocations string `help:"The issuer's /.well-known/card-revocations.json; without it no card is known to be revoked." placeholder:"FILE"`
	At          string `help:"The moment to judge by, such as 2026-06-30T12:00:00+03:00; now by default." placeholder:"TIME"`
}

// An exitStatus ends a command that has said what there is to say.
type exitStatus int

// Error names the status.
func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// exitStatuses are those of bima card verify; 0 is valid, 1 that it could not be
// told.
var exitStatuses = map[token.State]exitStatus{token.Expired: 3, token.Revoked: 4, token.Unknown: 5, token.NotYet: 6}

// codeBytesMax bounds what is read as a code or a file of keys or revocations.
const codeBytesMax = 16 << 20

// Run prints the state of the card and what it says, and ends with the status of
// the state.
func (c cardVerifyCommand) Run(ctx context.Context, s streams) error {
	code, err := c.code(s)
	if err != nil {
		return err
	}
	set, err := c.keys(ctx)
	if err != nil {
		return err
	}
	var revoked *token.Revocations
	if c.Revocations != "" {
		text, err := readFile(c.Revocations)
		if err != nil {
			return err
		}
		if revoked, err = token.ReadRevocations(text); err != nil {
			return fmt.Errorf("%s: %w", c.Revocations, err)
		}
	}
	at := time.Now()
	if c.At != "" {
		if at, err = time.Parse(time.RFC3339, c.At); err != nil {
			return fmt.Errorf("%q is not a moment such as 2026-06-30T12:00:00+03:00", c.At)
		}
	}
	state, card, why := token.Verify(code, set, revoked, at)
	tell(s.out, state, card, why)
	if status, bad := exitStatuses[state]; bad {
		return status
	}
	return nil
}

// tell prints what a card is worth; what an unknown one says is left out.
func tell(w io.Writer, state token.State, card token.Card, why string) {
	if why != "" {
		why = ": " + why
	}
	fmt.Fprintf(w, "%s%s\n", state, why)
	if state == token.Unknown {
		return
	}
	day := func(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }
	for _, row := range [][2]string{
		{"number", card.Number},
		{"name", card.Name},
		{"plan", card.Plan},
		{"from", day(card.From)},
		{"until", day(card.Until)},
		{"card", card.ID},
		{"issuer", card.Issuer},
	} {
		if row[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
		}
	}
}

// code gives what the code holds.
func (c cardVerifyCommand) code(s streams) (string, error) {
	if c.Code == "-" {
		text, err := io.ReadAll(io.LimitReader(s.in, codeBytesMax))
		return string(text), err
	}
	if _, err := os.Stat(c.Code); err == nil && !strings.HasPrefix(c.Code, "shc:/") {
		text, err := readFile(c.Code)
		return string(text), err
	}
	return c.Code, nil
}

// keys gives the issuer's public keys.
func (c cardVerifyCommand) keys(ctx context.Context) (set token.JWKS, err error) {
	if c.JWKS == "" {
		err = c.ring(ctx, func(r keys.Ring) (err error) {
			set, err = r.Published(ctx)
			return err
		})
		return set, err
	}
	text, err := readFile(c.JWKS)
	if err != nil {
		return set, err
	}
	if set, err = token.ReadJWKS(text); err != nil {
		err = fmt.Errorf("%s: %w", c.JWKS, err)
	}
	return set, err
}

// readFile reads a file that is not too large.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, codeBytesMax+1))
	if err == nil && len(text) > codeBytesMax {
		err = fmt.Errorf("%s is too large", name)
	}
	return text, err
}
