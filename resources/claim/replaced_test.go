package claim_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/claim"
)

// staysReplaced tries to have a claim active again that another took the place of:
// at once, by parts, and anew.
func (b *bench) staysReplaced(id string) {
	b.Helper()
	key := fhir.Key{Type: "Claim", ID: id}
	replaced := b.node("Claim/" + id)
	e := fhir.NewEdit(replaced.Document())
	e.Set(replaced, "status", []byte(`"active"`))
	_, err := b.Update(b.ctx, key, interaction.Write{Body: e.Bytes()})
	b.refused(err, 422, "Claim.status")
	e = fhir.NewEdit(replaced.Document())
	e.Set(replaced, "extension", []byte(`[{"url":"urn:other","valueString":"x"}]`))
	_, err = b.Update(b.ctx, key, interaction.Write{Body: e.Bytes()})
	b.refused(err, 422, "Claim.extension")
	_, err = b.Delete(b.ctx, key, "")
	b.refused(err, 422, "is kept")
	_, err = b.ask("reprocess", id, "")
	b.refused(err, 422, "Claim.status")
	b.setStatus(id, "entered-in-error")
	b.setStatus(id, "cancelled")
}

// One number may be that of any number of claims: all are told of that one answer
// has room for, and where there are more it says so.
func TestMoreClaimsThanOnePageAreAskedFor(t *testing.T) {
	const made = 600
	ask := func(t *testing.T, b *bench) (told int, outcome string) {
		out, err := b.Call(b.ctx, "inquire", fhir.Key{Type: "Claim"}, "identifier=N-1&identifier=N-2", nil, true)
		if err != nil {
			t.Fatal(err)
		}
		for p := range b.tree(string(out.Resource.Body)).Get("parameter").Each() {
			if p.Get("name").Text() == "outcome" {
				outcome = p.At("resource", "issue").First().Get("code").Text()
				continue
			}
			told++
		}
		return told, outcome
	}
	onEach(t, func(t *testing.T, b *bench) {
		var entries []string
		for i := range made {
			entries = append(entries, fmt.Sprintf(`{"resource":{"id":"n-%d",%s,"request":{"method":"PUT","url":"Claim/n-%d"}}`, i, strings.TrimPrefix(strings.TrimSpace(string(b.claim("C-2026-001001", "N-1", `"status": "active"`, `"status": "draft"`))), "{"), i))
		}
		b.bundle([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`))
		if told, outcome := ask(t, b); told != made+1 || outcome != "" {
			t.Errorf("told of %d with %q, want all %d and the one that is not there", told, outcome, made)
		}
		few := *b
		var err error
		if few.Engine, err = house.Engine(b.ctx, b.store, house.Plan{Base: base}, claim.Settings{Base: base, Inquired: 550}.Module()); err != nil {
			t.Fatal(err)
		}
		if told, outcome := ask(t, &few); told != 550 || outcome != "too-costly" {
			t.Errorf("told of %d with %q, want 550 and that there are more", told, outcome)
		}
	})
}
