package interaction_test

import (
	"context"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
)

// once is a module that takes every Basic for Basic/first: one of the text "told"
// with an explanation, others without. $quiet creates one and hides what became
// of it.
func once() fhir.Module {
	first := fhir.Existing{Key: fhir.Key{Type: "Basic", ID: "first"}}
	return fhir.Module{
		Name: "once",
		Reactions: []fhir.Reaction{{Name: "once", Types: []string{"Basic"}, React: func(_ context.Context, _ fhir.Tx, changes []fhir.Change) error {
			for _, c := range changes {
				switch {
				case c.After == nil || c.ID == first.Key.ID:
				case c.Node.At("code", "text").Text() == "told":
					return fhir.Errorf(fhir.IssueDuplicate, "Basic.code", "it is there as %s", first.Key).Because(first)
				default:
					return first
				}
			}
			return nil
		}}},
		Operations: []fhir.Operation{{
			Code: "quiet", Types: []string{"Basic"}, Type: true, Affects: true,
			Handle: func(ctx context.Context, s fhir.Server, _ fhir.Key, _ *fhir.Resource) (*fhir.Response, error) {
				_ = s.Commit(ctx, func(tx fhir.Tx) error {
					_, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Basic"}, Body: []byte(basic("quiet"))})
					return err
				})
				return nil, nil
			},
		}},
	}
}

func basic(text string) string {
	return `{"resourceType":"Basic","code":{"text":"` + text + `"}}`
}

func TestWhatIsThereIsTheAnswerToACreate(t *testing.T) {
	withID := func(id string) string {
		return `{"resourceType":"Basic","id":"` + id + `","code":{"text":"told"}}`
	}
	bundle := func(b *bench, body string) (string, error) {
		answer, err := b.Bundle(b.ctx, []byte(body), interaction.BundleOptions{})
		return string(answer), err
	}
	cases := []struct {
		name, want string
		do         func(b *bench) error
	}{
		{"An update under another id is refused.", "409 duplicate Basic.code", func(b *bench) error {
			_, err := b.Engine.Update(b.ctx, fhir.Key{Type: "Basic", ID: "other"}, interaction.Write{Body: []byte(withID("other"))})
			return err
		}},
		{"A module need not explain.", "409 duplicate", func(b *bench) error {
			_, err := b.Engine.Update(b.ctx, fhir.Key{Type: "Basic", ID: "other"}, interaction.Write{Body: []byte(strings.Replace(withID("other"), "told", "x", 1))})
			return err
		}},
		{"An entry of a transaction is answered with it.", "200", func(b *bench) error {
			answer, err := bundle(b, transaction(`- POST Basic `+basic("told")))
			if !strings.Contains(answer, `"status":"200 OK"`) || !strings.Contains(answer, `"location":"Basic/first/_history/1"`) {
				b.Errorf("got %s", answer)
			}
			return err
		}},
		{"What refers to such an entry refers to what is there.", "200", func(b *bench) error {
			const url = "urn:uuid:55555555-5555-4555-8555-555555555555"
			flag := `{"resourceType":"Flag","status":"active","code":{"text":"f"},"subject":{"display":"x"},"extension":[{"url":"urn:x","valueReference":{"reference":"` + url + `"}}]}`
			answer, err := b.Bundle(b.ctx, []byte(transaction(url+` POST Basic `+basic("told"), `- POST Flag `+flag)), interaction.BundleOptions{Return: "representation"})
			if !strings.Contains(string(answer), `"reference":"Basic/first"`) {
				b.Errorf("got %s", answer)
			}
			return err
		}},
		{"A transaction is refused where several could be it.", "409 duplicate Basic.code", func(b *bench) error {
			_, err := bundle(b, transaction(`- POST Basic `+basic("told"), `- POST Basic `+basic("told")))
			return err
		}},
		{"A transaction is refused whose operation hides it.", "409 duplicate Bundle.entry[0]", func(b *bench) error {
			_, err := bundle(b, transaction(`- POST Basic/$quiet {"resourceType":"Parameters"}`))
			return err
		}},
		{"An entry of a batch is answered with it.", "200", func(b *bench) error {
			answer, err := bundle(b, batch(`- POST Basic `+basic("told")))
			if !strings.Contains(answer, `"status":"200 OK"`) || !strings.Contains(answer, `"location":"Basic/first/_history/1"`) {
				b.Errorf("got %s", answer)
			}
			return err
		}},
		{"What was deleted is no answer.", "409 duplicate Basic.code", func(b *bench) error {
			if _, err := b.Engine.Delete(b.ctx, fhir.Key{Type: "Basic", ID: "first"}, ""); err != nil {
				return err
			}
			_, err := b.Engine.Create(b.ctx, "Basic", interaction.Write{Body: []byte(basic("told"))})
			return err
		}},
	}
	onEach(t, func(t *testing.T, b *bench) {
		b.update(withID("first"))
		for _, text := range []string{"told", "x"} {
			r, err := b.Engine.Create(b.ctx, "Basic", interaction.Write{Body: []byte(basic(text))})
			if err != nil || r.Created || r.Resource.ID != "first" || r.Resource.Version != 1 {
				t.Errorf("a create of %q gives %+v, %v", text, r, err)
			}
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				b.TB = t
				if got := said(c.do(b)); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		}
		if got := b.total("Basic", ""); got != 0 {
			t.Errorf("%d are there at the end, want none", got)
		}
	}, once())
}

// A module that creates under an id of its own learns that it is taken, though
// the first attempt does not look.
func TestModuleCreatesUnderAnIDThatIsTaken(t *testing.T) {
	body := []byte(`{"resourceType":"Flag","id":"f","status":"active","code":{"text":"f"},"subject":{"display":"x"}}`)
	create := func(b *bench) error {
		return b.Commit(b.ctx, func(tx fhir.Tx) error {
			_, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Flag", ID: "f"}, Body: body})
			return err
		})
	}
	onEach(t, func(t *testing.T, b *bench) {
		for i, want := range []string{"200", "412 conflict precondition-failed", "200", "412 conflict precondition-failed"} {
			if i == 2 {
				if _, err := b.Engine.Delete(b.ctx, fhir.Key{Type: "Flag", ID: "f"}, ""); err != nil {
					t.Fatal(err)
				}
			}
			if got := said(create(b)); got != want {
				t.Errorf("attempt %d: got %q, want %q", i+1, got, want)
			}
		}
		twice := b.Commit(b.ctx, func(tx fhir.Tx) error {
			for range 2 {
				if _, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Flag", ID: "g"}, Body: []byte(strings.Replace(string(body), `"f"`, `"g"`, 1))}); err != nil {
					return err
				}
			}
			return nil
		})
		if got := said(twice); got != "412 conflict precondition-failed" {
			t.Errorf("twice in one transaction: got %q", got)
		}
	})
}
