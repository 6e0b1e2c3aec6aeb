package interaction_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
)

const asha = `{"resourceType":"Patient","identifier":[{"system":"urn:x","value":"a-1"}],"name":[{"family":"Mushi","given":["Asha"]}]}`

func TestStoredBody(t *testing.T) {
	cases := []struct{ name, sent, want string }{
		{
			"White space goes, numbers, escapes and the order of members stay.",
			"{\n \"resourceType\" : \"Observation\",\n \"status\":\"final\", \"code\":{\"text\":\"a \\u00e9 \\\" b\"},\n\"valueQuantity\":{\"value\": 1.50 }}",
			`{"resourceType":"Observation","id":"ID","meta":{"versionId":"1","lastUpdated":"AT"},"status":"final","code":{"text":"a \u00e9 \" b"},"valueQuantity":{"value":1.50}}`,
		},
		{
			"The client's id, versionId and lastUpdated give way; the rest of its meta stays.",
			`{"id":"mine","meta":{"tag":[{"code":"t"}],"versionId":"77","lastUpdated":"2001-01-01T00:00:00Z","profile":["http://example.org/p"]},"active":true,"resourceType":"Patient"}`,
			`{"resourceType":"Patient","id":"ID","meta":{"versionId":"1","lastUpdated":"AT","tag":[{"code":"t"}],"profile":["http://example.org/p"]},"active":true}`,
		},
		{
			"A resource of a type alone is a resource.",
			`{"resourceType":"Basic","code":{"text":"x"}}`,
			`{"resourceType":"Basic","id":"ID","meta":{"versionId":"1","lastUpdated":"AT"},"code":{"text":"x"}}`,
		},
	}
	onEach(t, func(t *testing.T, b *bench) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				r := b.create(c.sent)
				want := strings.NewReplacer("ID", r.ID, "AT", r.Updated.Format("2006-01-02T15:04:05.000Z")).Replace(c.want)
				read, err := b.Read(b.ctx, r.Key)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, string(read.Body)); diff != "" {
					t.Errorf("stored (-want +got):\n%s", diff)
				}
			})
		}
	})
}

func TestUpdate(t *testing.T) {
	const v1 = `{"resourceType":"Patient","id":"p","active":true}`
	cases := []struct {
		name  string
		id    string
		write interaction.Write
		want  string // the error, or version and whether it was created
	}{
		{"A new id is created.", "new", interaction.Write{Body: []byte(`{"resourceType":"Patient","id":"new"}`)}, "1 created"},
		{"Other content makes a version.", "p", interaction.Write{Body: []byte(`{"resourceType":"Patient","id":"p","active":false}`)}, "2"},
		{"The same content makes none, whatever the white space and order.", "p", interaction.Write{Body: []byte(`{"active": true, "id":"p", "resourceType":"Patient"}`)}, "1"},
		{"The version asked for is the current one.", "p", interaction.Write{IfMatch: `W/"1"`, Body: []byte(`{"resourceType":"Patient","id":"p","gender":"male"}`)}, "2"},
		{"One of several versions asked for is the current one.", "p", interaction.Write{IfMatch: `W/"7", "1"`, Body: []byte(`{"resourceType":"Patient","id":"p","gender":"male"}`)}, "2"},
		{"The version asked for is another.", "p", interaction.Write{IfMatch: `W/"2"`, Body: []byte(v1)}, "412 conflict version-conflict"},
		{"The version asked for is of nothing.", "q", interaction.Write{IfMatch: `W/"1"`, Body: []byte(`{"resourceType":"Patient","id":"q"}`)}, "412 conflict version-conflict"},
		{"What is no version matches none.", "p", interaction.Write{IfMatch: `W/"abc"`, Body: []byte(v1)}, "412 conflict version-conflict"},
		{"Only what is not there yet was to be written.", "p", interaction.Write{IfNoneMatch: "*", Body: []byte(v1)}, "412 conflict precondition-failed"},
		{"The body lacks the id.", "p", interaction.Write{Body: []byte(`{"resourceType":"Patient"}`)}, "400 required Patient.id"},
		{"The body has another id.", "p", interaction.Write{Body: []byte(`{"resourceType":"Patient","id":"x"}`)}, "400 invalid Patient.id"},
		{"The URL's id is none.", "a b", interaction.Write{Body: []byte(v1)}, "400 value"},
	}
	onEach(t, func(t *testing.T, b *bench) {
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				sub := func(s string) string {
					return strings.ReplaceAll(s, `"id":"p"`, fmt.Sprintf(`"id":"p%d"`, i))
				}
				b.update(sub(v1))
				if c.id == "p" {
					c.id = fmt.Sprintf("p%d", i)
				}
				c.write.Body = []byte(sub(string(c.write.Body)))
				r, err := b.Engine.Update(b.ctx, fhir.Key{Type: "Patient", ID: c.id}, c.write)
				got := said(err)
				if err == nil {
					got = fmt.Sprint(r.Resource.Version)
					if r.Created {
						got += " created"
					}
				}
				if got != c.want {
					t.Errorf("got %q, want %q (%v)", got, c.want, err)
				}
			})
		}
	})
}

func TestRefusals(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		p := b.create(asha)
		cases := []struct {
			name, want string
			do         func() error
		}{
			{"A body that is no JSON", "400 structure", func() error {
				_, err := b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(`{`)})
				return err
			}},
			{"A body of another type", "400 invalid", func() error {
				_, err := b.Engine.Create(b.ctx, "Claim", interaction.Write{Body: []byte(asha)})
				return err
			}},
			{"A type that R4 does not have", "404 not-supported unknown-resource-type", func() error {
				_, err := b.Engine.Create(b.ctx, "Insuree", interaction.Write{Body: []byte(asha)})
				return err
			}},
			{"Nobody in the context", "401 login", func() error {
				_, err := b.Engine.Create(context.Background(), "Patient", interaction.Write{Body: []byte(asha)})
				return err
			}},
			{"An auditor who writes", "403 forbidden", func() error {
				ctx := fhir.WithCaller(b.ctx, fhir.Caller{Name: "a", Roles: []fhir.Role{fhir.RoleAuditor}})
				_, err := b.Engine.Create(ctx, "Patient", interaction.Write{Body: []byte(asha)})
				return err
			}},
			{"A read of nothing", "404 not-found", func() error {
				_, err := b.Read(b.ctx, fhir.Key{Type: "Patient", ID: "none"})
				return err
			}},
			{"A version that never was", "404 not-found", func() error {
				_, err := b.ReadVersion(b.ctx, p.Key, "2")
				return err
			}},
			{"A version that is no number", "404 not-found", func() error {
				_, err := b.ReadVersion(b.ctx, p.Key, "x")
				return err
			}},
			{"A condition that names nothing", "412 invalid precondition-failed", func() error {
				_, err := b.UpdateConditional(b.ctx, "Patient", "", interaction.Write{Body: []byte(asha)})
				return err
			}},
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				if got := said(c.do()); !strings.HasPrefix(got, c.want) {
					t.Errorf("got %q, want %q (%v)", got, c.want, c.do())
				}
			})
		}
	})
}

func TestDelete(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		p := b.create(asha)
		if _, err := b.Delete(b.ctx, p.Key, `W/"4"`); said(err) != "412 conflict version-conflict" {
			t.Errorf("with another version: %v", err)
		}
		deletion := b.must(b.Delete(b.ctx, p.Key, `W/"1"`)).Resource
		if !deletion.Deleted || deletion.Version != 2 {
			t.Errorf("got %+v", deletion)
		}
		again := b.must(b.Delete(b.ctx, p.Key, "")).Resource
		if again.Version != 2 {
			t.Errorf("deleting again made version %d", again.Version)
		}
		if r := b.must(b.Delete(b.ctx, fhir.Key{Type: "Patient", ID: "never"}, "")); r.Resource != nil {
			t.Errorf("deleting nothing gave %+v", r.Resource)
		}
		gone, err := b.Read(b.ctx, p.Key)
		if said(err) != "410 deleted" || gone == nil || gone.Version != 2 {
			t.Errorf("read: %v, %+v", err, gone)
		}
		old, err := b.ReadVersion(b.ctx, p.Key, "1")
		if err != nil || old.Deleted {
			t.Errorf("version 1: %v", err)
		}
		back := b.must(b.Engine.Update(b.ctx, p.Key, interaction.Write{Body: []byte(`{"resourceType":"Patient","id":"` + p.ID + `"}`)}))
		if !back.Created || back.Resource.Version != 3 {
			t.Errorf("after deletion: %+v", back)
		}
	})
}

func TestConditional(t *testing.T) {
	const known, unknown = "identifier=urn:x|a-1", "identifier=urn:x|zz"
	cases := []struct {
		name, want string
		do         func(b *bench, p fhir.Key) (*interaction.Result, error)
	}{
		{"A create whose condition matches gives what is there.", "1", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(asha), IfNoneExist: known})
		}},
		{"A create whose condition matches nothing creates.", "1 created", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(asha), IfNoneExist: unknown})
		}},
		{"A condition may name its type, as in a link.", "1", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(asha), IfNoneExist: "Patient?" + known})
		}},
		{"A condition may be a whole URL, as HAPI's client sends it.", "1", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(asha), IfNoneExist: "http://localhost/fhir/Patient?" + known})
		}},
		{"A value with a question mark is no URL of the condition.", "1 created", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(asha), IfNoneExist: "identifier=http://x/Patient?a|1"})
		}},
		{"A condition on another type is refused.", "400 not-supported", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(asha), IfNoneExist: "Observation?" + known})
		}},
		{"A create whose condition matches several is refused.", "412 multiple-matches precondition-failed", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			b.create(asha)
			return b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(asha), IfNoneExist: known})
		}},
		{"An update that matches one updates it.", "2", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.UpdateConditional(b.ctx, "Patient", known, interaction.Write{Body: []byte(`{"resourceType":"Patient","identifier":[{"system":"urn:x","value":"a-1"}]}`)})
		}},
		{"An update that matches none creates.", "1 created", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.UpdateConditional(b.ctx, "Patient", unknown, interaction.Write{Body: []byte(asha)})
		}},
		{"An update that matches none creates under the body's id.", "1 created Patient/mine", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.UpdateConditional(b.ctx, "Patient", unknown, interaction.Write{Body: []byte(`{"resourceType":"Patient","id":"mine"}`)})
		}},
		{"An update that matches another id is refused.", "400 invalid Patient.id", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.UpdateConditional(b.ctx, "Patient", known, interaction.Write{Body: []byte(`{"resourceType":"Patient","id":"mine"}`)})
		}},
		{"An update that matches several is refused.", "412 multiple-matches precondition-failed", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			b.create(asha)
			return b.UpdateConditional(b.ctx, "Patient", known, interaction.Write{Body: []byte(asha)})
		}},
		{"A patch that matches one patches it.", "2", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.PatchConditional(b.ctx, "Patient", known, "application/json-patch+json", interaction.Write{Body: []byte(`[{"op":"add","path":"/active","value":true}]`)})
		}},
		{"A patch that matches none has nothing to do.", "404 not-found", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			return b.PatchConditional(b.ctx, "Patient", unknown, "application/json-patch+json", interaction.Write{Body: []byte(`[]`)})
		}},
		{"A delete that matches several is refused.", "412 multiple-matches precondition-failed", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			b.create(asha)
			_, err := b.DeleteConditional(b.ctx, "Patient", known)
			return nil, err
		}},
		{"A delete that matches one deletes it.", "410 deleted", func(b *bench, p fhir.Key) (*interaction.Result, error) {
			if n, err := b.DeleteConditional(b.ctx, "Patient", known); n != 1 || err != nil {
				return nil, errors.Join(errors.New("deleted none"), err)
			}
			_, err := b.Read(b.ctx, p)
			return nil, err
		}},
	}
	onEach(t, func(t *testing.T, b *bench) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				b := b.in(t)
				r, err := c.do(b, b.create(asha).Key)
				got := said(err)
				if err == nil {
					got = fmt.Sprint(r.Resource.Version)
					if r.Created {
						got += " created"
					}
					if strings.Contains(c.want, "/") {
						got += " " + r.Resource.Key.String()
					}
				}
				if got != c.want {
					t.Errorf("got %q, want %q (%v)", got, c.want, err)
				}
				for b.total("Patient", "identifier=a-1") > 0 {
					b.deleteOne("Patient", "identifier=a-1")
				}
			})
		}
	})
}

func TestRacingConditionalCreatesMakeOne(t *testing.T) {
	const racers = 16
	onEach(t, func(t *testing.T, b *bench) {
		var created atomic.Int32
		var group sync.WaitGroup
		keys := make([]fhir.Key, racers)
		for i := range racers {
			group.Go(func() {
				r, err := b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(asha), IfNoneExist: "identifier=urn:x|a-1"})
				if err != nil {
					t.Error(err)
					return
				}
				keys[i] = r.Resource.Key
				if r.Created {
					created.Add(1)
				}
			})
		}
		group.Wait()
		if created.Load() != 1 || b.total("Patient", "identifier=urn:x|a-1") != 1 {
			t.Errorf("%d were created", created.Load())
		}
		for _, k := range keys {
			if k != keys[0] {
				t.Errorf("one was given %s, another %s", keys[0], k)
			}
		}
	})
}

func TestRacingUpdatesLoseNone(t *testing.T) {
	const racers = 8
	onEach(t, func(t *testing.T, b *bench) {
		b.update(`{"resourceType":"Patient","id":"p"}`)
		var group sync.WaitGroup
		var won, lost atomic.Int32
		for i := range racers {
			group.Go(func() {
				body := fmt.Sprintf(`{"resourceType":"Patient","id":"p","multipleBirthInteger":%d}`, i+2)
				_, err := b.Engine.Update(b.ctx, fhir.Key{Type: "Patient", ID: "p"}, interaction.Write{Body: []byte(body), IfMatch: `W/"1"`})
				switch said(err) {
				case "200":
					won.Add(1)
				case "412 conflict version-conflict":
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 || lost.Load() != racers-1 {
			t.Errorf("%d won and %d lost", won.Load(), lost.Load())
		}
	})
}

func TestPatch(t *testing.T) {
	cases := []struct{ name, media, patch, want string }{
		{"A value is replaced.", "application/json-patch+json; charset=utf-8", `[{"op":"replace","path":"/name/0/family","value":"Mrema"}]`, "2"},
		{"Nothing changes.", "application/json-patch+json", `[{"op":"test","path":"/name/0/family","value":"Mushi"}]`, "1"},
		{"A test fails.", "application/json-patch+json", `[{"op":"test","path":"/name/0/family","value":"X"}]`, "422 processing patch[0]"},
		{"A place is not there.", "application/json-patch+json", `[{"op":"add","path":"/active","value":true},{"op":"remove","path":"/photo/3"}]`, "422 processing patch[1]"},
		{"The result is no Patient.", "application/json-patch+json", `[{"op":"add","path":"/gendre","value":"male"}]`, "400 structure Patient.gendre"},
		{"The id can't be changed.", "application/json-patch+json", `[{"op":"replace","path":"/id","value":"x"}]`, "400 invalid Patient.id"},
		{"The path is no pointer.", "application/json-patch+json", `[{"op":"remove","path":"name"}]`, "400 invalid patch[0].path"},
		{"The operation is unknown.", "application/json-patch+json", `[{"op":"merge","path":"/name"}]`, "400 invalid patch[0].op"},
		{"A value is missing.", "application/json-patch+json", `[{"op":"add","path":"/name"}]`, "400 required patch[0].value"},
		{"The body is no patch.", "application/json-patch+json", `{}`, "400 structure"},
		{"The body is no JSON.", "application/json-patch+json", `[`, "400 structure"},
		{"The form of patch is another.", "text/plain", `[]`, "415 not-supported unsupported-media-type"},
		{"A FHIRPath Patch is no array.", "application/fhir+json", `[]`, "400 invalid"},
		{"A value may be null only to be refused.", "application/json-patch+json", `[{"op":"replace","path":"","value":null}]`, "400 structure"},
	}
	onEach(t, func(t *testing.T, b *bench) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				p := b.create(asha)
				r, err := b.Engine.Patch(b.ctx, p.Key, c.media, interaction.Write{Body: []byte(c.patch)})
				got := said(err)
				if err == nil {
					got = fmt.Sprint(r.Resource.Version)
				}
				if !strings.HasPrefix(got, c.want) {
					t.Errorf("got %q, want %q (%v)", got, c.want, err)
				}
			})
		}
	})
}

func TestResourceWithTooManyValuesIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		var body strings.Builder
		body.WriteString(`{"resourceType":"Patient","identifier":[{"value":"0"}`)
		for i := 1; i <= 100_000; i++ {
			fmt.Fprintf(&body, `,{"value":"%d"}`, i)
		}
		_, err := b.Create(b.ctx, "Patient", interaction.Write{Body: []byte(body.String() + `]}`)})
		if !fhir.HasIssue(err, fhir.IssueTooCostly) {
			t.Errorf("got %v, want an issue of type too-costly", err)
		}
	})
}
