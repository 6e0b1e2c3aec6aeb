package interaction_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
)

// attentive is a module that keeps what it is told of Patients, and has an
// operation that says how far it is.
func attentive(told *[]string) fhir.Module {
	answer := func(text string) func(context.Context, fhir.Server, fhir.Key, *fhir.Resource) (*fhir.Response, error) {
		return func(context.Context, fhir.Server, fhir.Key, *fhir.Resource) (*fhir.Response, error) {
			return &fhir.Response{MediaType: "text/plain", Media: []byte(text)}, nil
		}
	}
	return fhir.Module{
		Name: "attentive",
		Notices: []fhir.Notice{{Types: []string{"Patient"}, Tell: func(_ context.Context, changed []fhir.Key) {
			for _, k := range changed {
				*told = append(*told, k.String())
			}
		}}},
		Operations: []fhir.Operation{{Code: "begin", System: true, Affects: true, Handle: answer("begun"), Look: answer("under way")}},
	}
}

func TestNoticesAreOfWhatWasCommitted(t *testing.T) {
	var told []string
	onEach(t, func(t *testing.T, b *bench) {
		told = nil
		b.update(`{"resourceType":"Patient","id":"a"}`)
		b.update(`{"resourceType":"Basic","id":"b","code":{"text":"not asked for"}}`)
		if _, err := b.Create(b.ctx, "Patient", interaction.Write{Body: []byte(`{"resourceType":"Patient","gender":"none"}`)}); err == nil {
			t.Error("an invalid Patient was created")
		}
		b.bundle(`{"resourceType":"Bundle","type":"transaction","entry":[
			{"resource":{"resourceType":"Patient","id":"d"},"request":{"method":"PUT","url":"Patient/d"}},
			{"resource":{"resourceType":"Patient","id":"c"},"request":{"method":"PUT","url":"Patient/c"}}]}`, interaction.BundleOptions{})
		if _, err := b.Delete(b.ctx, fhir.Key{Type: "Patient", ID: "a"}, ""); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"Patient/a", "Patient/c", "Patient/d", "Patient/a"}, told); diff != "" {
			t.Errorf("told of (-want +got):\n%s", diff)
		}
	}, attentive(&told))
}

func TestAnOperationThatAffectsMayBeLookedAt(t *testing.T) {
	var told []string
	onEach(t, func(t *testing.T, b *bench) {
		for get, want := range map[bool]string{false: "begun", true: "under way"} {
			response, err := b.Call(b.ctx, "begin", fhir.Key{}, "", nil, get)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(response.Media); got != want {
				t.Errorf("by GET %v: %q, want %q", get, got, want)
			}
		}
	}, attentive(&told))
}
