package card

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"bima/fhir"
	"bima/resources/card/keys"
	"bima/resources/card/token"
)

// An issued is a card with all that is drawn on it.
type issued struct {
	person
	cover
	record     record
	schemeName string
}

// idCharacters is how long the id of a card is: 60 bits of chance.
const idCharacters = 12

// nameRunesMax is how much of a name the token bears.
const nameRunesMax = 40

// An issuing is the issuing of some cards in one transaction.
type issuing struct {
	*Desk
	tx      fhir.Tx
	signer  token.Signer
	renew   bool
	schemes map[fhir.Key]string // the names of payors
}

// issue gives the cards of some persons: the current one of each where it still
// says what is so, else a new one that replaces it. Of one person a refusal
// fails; of several those refused are told.
func (d *Desk) issue(ctx context.Context, s fhir.Server, persons []fhir.Key, renew bool) (cards []issued, refused []refusal, err error) {
	signer, err := d.Keys.Signer(ctx, d.MakeKey, d.Now())
	if errors.Is(err, keys.ErrNone) {
		return nil, nil, refuse("", "this server has no key to sign cards with; its operator makes one with `bima key add`")
	}
	if err != nil {
		return nil, nil, err
	}
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		cards, refused = nil, nil
		i := &issuing{Desk: d, tx: tx, signer: signer, renew: renew, schemes: map[fhir.Key]string{}}
		locks := make([]string, len(persons))
		for n, k := range persons {
			locks[n] = "card/" + k.String()
		}
		if err := tx.Lock(locks...); err != nil {
			return err
		}
		for _, k := range persons {
			c, err := i.one(k)
			if reason := refusalOf(k, err); reason != nil {
				refused = append(refused, *reason)
				continue
			}
			if err != nil {
				return err
			}
			cards = append(cards, c)
		}
		return nil
	})
	return cards, refused, err
}

// A refusal is why a person has no card.
type refusal struct {
	person  fhir.Key
	outcome *fhir.Outcome
}

// refusalOf gives a refusal by the rules of cards, nil for other errors.
func refusalOf(k fhir.Key, err error) *refusal {
	var o *fhir.Outcome
	if errors.As(err, &o) && len(o.Issues) > 0 && o.Issues[0].Detail == detailCard {
		return &refusal{k, o}
	}
	return nil
}

// one gives the card of a person.
func (i *issuing) one(k fhir.Key) (issued, error) {
	n, found, err := read(i.tx, k)
	if err != nil {
		return issued{}, err
	}
	if !found {
		return issued{}, fhir.Errorf(fhir.IssueNotFound, "", "%s is not there", k)
	}
	p, err := i.personOf(k, n)
	if err != nil {
		return issued{}, err
	}
	now := i.tx.Now()
	c, err := i.coverOf(i.tx, k, now)
	if err != nil {
		return issued{}, err
	}
	card := issued{person: p, cover: c}
	if card.schemeName, err = i.schemeName(c); err != nil {
		return issued{}, err
	}
	current, err := currentRecords(i.tx, "subject", k)
	if err != nil {
		return issued{}, err
	}
	for _, r := range current {
		if !i.renew && i.saysTheSame(r.card, p, c) && now.Unix() < r.card.Until {
			card.record = r
			return card, nil
		}
	}
	card.record, err = i.make(p, c, current)
	return card, err
}

// claims gives what the token of a card says, but its id.
func (i *issuing) claims(p person, c cover) token.Card {
	var name string
	if len(p.names) > 0 {
		name = p.names[0]
	}
	if !i.Settings.FullName {
		name = initials(name)
	}
	if runes := []rune(name); len(runes) > nameRunesMax {
		name = string(runes[:nameRunesMax])
	}
	return token.Card{Issuer: i.issuer, Number: p.number, Name: name, Plan: c.planCode, From: c.from.Unix(), Until: c.until.Unix()}
}

// saysTheSame reports whether a card needs no replacement. One of a coverage
// without end was given an end of its own.
func (i *issuing) saysTheSame(old token.Card, p person, c cover) bool {
	wanted := i.claims(p, c)
	wanted.ID = old.ID
	if c.end == "" {
		wanted.Until = old.Until
	}
	return old.ID != "" && wanted == old
}

// make issues a new card, which replaces those there are.
func (i *issuing) make(p person, c cover, current []record) (record, error) {
	claims := i.claims(p, c)
	claims.ID = strings.ToLower(rand.Text()[:idCharacters])
	jws, err := i.signer.Sign(claims)
	if err != nil {
		return record{}, err
	}
	var replaced *record
	for n := range current {
		if _, err := current[n].supersede(i.tx, "replaced by the card "+claims.ID); err != nil {
			return record{}, err
		}
		replaced = &current[n]
	}
	body := i.spell(p, c, jws, claims.ID, replaced, i.tx.Caller().Entity, i.tx.Now())
	made, err := i.tx.Create(&fhir.Resource{Key: fhir.Key{Type: recordType}, Body: body})
	if err != nil {
		return record{}, err
	}
	return recordOf(made)
}

// schemeName gives the name of the scheme on the card: the setting, or that of
// the payor, or what the Coverage calls him.
func (i *issuing) schemeName(c cover) (string, error) {
	if i.Settings.Scheme != "" {
		return i.Settings.Scheme, nil
	}
	name, known := i.schemes[c.scheme]
	if !known && c.scheme.Type == "Organization" {
		n, _, err := read(i.tx, c.scheme)
		if err != nil {
			return "", err
		}
		name = strings.Clone(n.Get("name").Text())
		i.schemes[c.scheme] = name
	}
	if name == "" {
		name = c.payorName
	}
	return name, nil
}

// made gives when a card was issued.
func (c issued) made() time.Time {
	if at, err := fhir.ParseInstant(c.record.node.Get("date").Text()); err == nil {
		return at.First
	}
	return c.record.resource.Updated
}
