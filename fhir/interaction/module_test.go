package interaction_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
)

// A coverage module: every Patient gets a Basic, which gets a Flag; a Patient
// named Nobody is against the rules, and one named Doomed fails in a Reaction.
func module(heard *[]string) fhir.Module {
	create := func(tx fhir.Tx, typ, body string) error {
		_, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: typ}, Body: []byte(body)})
		return err
	}
	return fhir.Module{
		Name: "test",
		Rules: []fhir.Rule{{Types: []string{"Patient"}, Check: func(_ context.Context, _ fhir.Reader, c fhir.Change) error {
			if c.Node.At("name").First().Get("family").Text() == "Nobody" {
				return fhir.Errorf(fhir.IssueBusinessRule, "Patient.name[0].family", "nobody is called Nobody")
			}
			return nil
		}}},
		Reactions: []fhir.Reaction{
			{Name: "basic", Types: []string{"Patient"}, React: func(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
				for _, c := range changes {
					*heard = append(*heard, string(c.Method)+" "+c.Type)
					if c.After == nil || c.Before != nil {
						continue
					}
					if c.Node.At("name").First().Get("family").Text() == "Doomed" {
						return fhir.Errorf(fhir.IssueBusinessRule, "", "doomed")
					}
					if c.Node.At("name").First().Get("family").Text() == "Twice" {
						body := strings.Replace(string(c.After.Body), `"family"`, `"text":"x","family"`, 1)
						if _, err := tx.Update(&fhir.Resource{Key: c.Key, Body: []byte(body)}, c.After.Version); err != nil {
							return err
						}
					}
					if err := create(tx, "Basic", `{"resourceType":"Basic","code":{"text":"b"},"subject":{"reference":"`+c.Key.String()+`"}}`); err != nil {
						return err
					}
				}
				return nil
			}},
			{Name: "flag", Types: []string{"Basic"}, React: func(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
				for _, c := range changes {
					*heard = append(*heard, string(c.Method)+" "+c.Type+" by "+tx.Caller().Name)
					if err := create(tx, "Flag", `{"resourceType":"Flag","status":"active","code":{"text":"f"},"subject":`+string(c.Node.Get("subject").Raw())+`}`); err != nil {
						return err
					}
				}
				return nil
			}},
		},
		Unique: []fhir.Identifier{{Type: "Patient", System: "urn:unique"}},
		Operations: []fhir.Operation{{
			Code: "greet", Types: []string{"Patient"}, Type: true, Instance: true, Definition: "https://example.org/greet",
			Handle: func(_ context.Context, _ fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
				return &fhir.Response{MediaType: "text/plain", Media: append([]byte(on.String()+" "), in.Body...)}, nil
			},
		}, {
			Code: "enrol", Types: []string{"Patient"}, Type: true, Affects: true,
			Handle: func(ctx context.Context, s fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
				return nil, s.Commit(ctx, func(tx fhir.Tx) error {
					_, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Patient"}, Body: in.Body})
					return err
				})
			},
		}},
	}
}

func TestRulesAndReactions(t *testing.T) {
	var heard []string
	cases := []struct {
		name, want string
		do         func(b *bench) error
		heard      []string
		flags      int
	}{
		{"What follows from a change follows within it.", "200", func(b *bench) error {
			b.create(asha)
			return nil
		}, []string{"POST Patient", "POST Basic by developer"}, 1},
		{"A transaction is heard of once, as a whole.", "200", func(b *bench) error {
			b.bundle(transaction(`- POST Patient {"resourceType":"Patient"}`, `- POST Patient {"resourceType":"Patient"}`), interaction.BundleOptions{})
			return nil
		}, []string{"POST Patient", "POST Patient", "POST Basic by developer", "POST Basic by developer"}, 2},
		{"A rule refuses.", "422 business-rule Patient.name[0].family", func(b *bench) error {
			_, err := b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(`{"resourceType":"Patient","name":[{"family":"Nobody"}]}`)})
			return err
		}, nil, 0},
		{"A rule refuses a transaction and names the entry.", "422 business-rule Bundle.entry[1].resource.name[0].family", func(b *bench) error {
			_, err := b.Bundle(b.ctx, []byte(transaction(`- POST Patient {"resourceType":"Patient"}`, `- POST Patient {"resourceType":"Patient","name":[{"family":"Nobody"}]}`)), interaction.BundleOptions{})
			return err
		}, nil, 0},
		{"A reaction that fails undoes all.", "422 business-rule", func(b *bench) error {
			_, err := b.Bundle(b.ctx, []byte(transaction(`- POST Patient {"resourceType":"Patient"}`, `- POST Patient {"resourceType":"Patient","name":[{"family":"Doomed"}]}`)), interaction.BundleOptions{})
			return err
		}, []string{"POST Patient", "POST Patient"}, 0},
		{"A reaction may change again what was just stored.", "200", func(b *bench) error {
			r := b.create(`{"resourceType":"Patient","name":[{"family":"Twice"}]}`)
			first, err := b.ReadVersion(b.ctx, r.Key, "1")
			if r.Version != 2 || text(b, r.Body, "name", "0", "text") != "x" || err == nil && !first.Updated.Before(r.Updated) {
				b.Errorf("got version %d: %s", r.Version, r.Body)
			}
			return err
		}, []string{"POST Patient", "PUT Patient", "POST Basic by developer"}, 1},
		{"A business identifier belongs to one.", "409 duplicate business-identifier", func(b *bench) error {
			const body = `{"resourceType":"Patient","identifier":[{"system":"urn:unique","value":"1"},{"system":"urn:unique","value":"1"}]}`
			b.create(body)
			before := heard
			_, err := b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(body)})
			heard = before // a store may find out late, when the reactions have heard
			return err
		}, []string{"POST Patient", "POST Basic by developer"}, 1},
		{"An operation writes with the caller's right.", "400 structure Patient.gendre", func(b *bench) error {
			_, err := b.Operation(b.ctx, "enrol", fhir.Key{Type: "Patient"}, &fhir.Resource{Body: []byte(`{"resourceType":"Patient","gendre":"x"}`)})
			return err
		}, nil, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, b *bench) {
				heard = nil
				if got := said(c.do(b)); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
				if diff := cmp.Diff(c.heard, heard); diff != "" {
					t.Errorf("heard (-want +got):\n%s", diff)
				}
				if got := b.total("Flag", ""); got != c.flags {
					t.Errorf("%d flags, want %d", got, c.flags)
				}
			}, module(&heard))
		})
	}
}

func TestCall(t *testing.T) {
	patients := fhir.Key{Type: "Patient"}
	cases := []struct {
		name        string
		code        string
		on          fhir.Key
		query, body string
		get         bool
		want        string
	}{
		{"Query parameters become Parameters.", "greet", patients, "name=a%20b&name=c&_format=json", "", true, `Patient/ {"resourceType":"Parameters","parameter":[{"name":"name","valueString":"a b"},{"name":"name","valueString":"c"}]}`},
		{"A body is taken as it is.", "greet", fhir.Key{Type: "Patient", ID: "p"}, "", `{"resourceType":"Parameters"}`, false, `Patient/p {"resourceType":"Parameters"}`},
		{"A body is validated.", "greet", patients, "", `{"resourceType":"Parameters","parameters":[]}`, false, "400 structure Parameters.parameters"},
		{"What changes something takes no GET.", "enrol", patients, "", "", true, "405 not-supported method-not-allowed"},
		{"An operation that is none", "fly", patients, "", "", true, "404 not-supported unknown-operation"},
		{"An operation in another place", "enrol", fhir.Key{Type: "Patient", ID: "p"}, "", "{}", false, "404 not-supported unknown-operation"},
		{"An operation on another type", "greet", fhir.Key{Type: "Claim"}, "", "", true, "404 not-supported unknown-operation"},
	}
	var heard []string
	onEach(t, func(t *testing.T, b *bench) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				r, err := b.Call(b.ctx, c.code, c.on, c.query, []byte(c.body), c.get)
				got := said(err)
				if err == nil {
					got = string(r.Media)
				}
				if got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		}
	}, module(&heard))
}

func TestValidate(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		p := b.create(asha)
		cases := []struct {
			name string
			on   fhir.Key
			body string
			want string // severity and expression of the first issue
		}{
			{"A bare resource that is valid", fhir.Key{Type: "Patient"}, asha, "information"},
			{"A bare resource that is not", fhir.Key{Type: "Patient"}, `{"resourceType":"Patient","gendre":"x"}`, "error Patient.gendre"},
			{"A parameter", fhir.Key{Type: "Patient"}, `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","gendre":"x"}}]}`, "error Patient.gendre"},
			{"Another type", fhir.Key{Type: "Claim"}, asha, "error"},
			{"The stored one", p.Key, "", "information"},
			{"Another id than the stored one's", p.Key, `{"resourceType":"Patient","id":"x"}`, "error Patient.id"},
			{"To be deleted", p.Key, `{"resourceType":"Parameters","parameter":[{"name":"mode","valueCode":"delete"}]}`, "information"},
			{"A profile that is not known", fhir.Key{Type: "Patient"}, `{"resourceType":"Parameters","parameter":[{"name":"profile","valueUri":"http://example.org/p"},{"name":"resource","resource":{"resourceType":"Patient"}}]}`, "error"},
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				r, err := b.Call(b.ctx, "validate", c.on, "", []byte(c.body), c.body == "")
				if err != nil {
					t.Fatal(err)
				}
				body := r.Resource.Body
				got := strings.TrimSpace(text(t, body, "issue", "0", "severity") + " " + text(t, body, "issue", "0", "expression", "0"))
				if !strings.HasPrefix(got, c.want) {
					t.Errorf("got %q, want %q: %s", got, c.want, body)
				}
			})
		}
		if _, err := b.Call(b.ctx, "validate", fhir.Key{Type: "Patient"}, "", nil, true); said(err) != "400 required Parameters.parameter" {
			t.Errorf("without a resource: %v", err)
		}
	})
}
