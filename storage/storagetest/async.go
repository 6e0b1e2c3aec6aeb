package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bima/fhir"
)

// asyncs holds a store to fhir.AsyncStore.
func asyncs(t *testing.T, open func(t *testing.T) fhir.Store) {
	ctx := context.Background()
	store := open(t).(fhir.AsyncStore)
	now := time.Now().UTC().Truncate(time.Millisecond)
	request := func(id string, expires time.Time) fhir.AsyncRequest {
		return fhir.AsyncRequest{
			ID: id, Owner: "asha", Request: []byte(`{"url":"Patient"}`), State: fhir.AsyncAccepted, Progress: "waiting",
			Answer: []byte{}, Created: now, Expires: expires,
		}
	}
	later, past := now.Add(time.Hour), now.Add(-time.Second)
	for _, a := range []fhir.AsyncRequest{request("one", later), request("two", later), request("old", past)} {
		if err := store.Accept(ctx, a, fhir.Job{Kind: "async", Args: []byte(`"` + a.ID + `"`)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Accept(ctx, request("one", later), fhir.Job{Kind: "async"}); err == nil {
		t.Error("an id is accepted twice")
	}
	pending := func(owner string, want int) {
		t.Helper()
		if got, err := store.Pending(ctx, owner); err != nil || got != want {
			t.Errorf("%d requests of %s are pending, want %d: %v", got, owner, want, err)
		}
	}
	pending("asha", 2) // the old one has expired
	pending("juma", 0)
	get := func(id string) fhir.AsyncRequest {
		t.Helper()
		a, err := store.Async(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return *a
	}
	advance := func(id string, to fhir.AsyncState, answer string, want bool) {
		t.Helper()
		if done, err := store.Advance(ctx, id, to, "progress of "+id, []byte(answer)); err != nil || done != want {
			t.Errorf("Advance %s to %s: %t, %v", id, to, done, err)
		}
	}
	if diff := cmp.Diff(request("one", later), get("one"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("accepted, -want +got\n%s", diff)
	}
	advance("one", fhir.AsyncRunning, "", true)
	pending("asha", 2)
	advance("one", fhir.AsyncCompleted, "the answer", true)
	pending("asha", 1)
	want := request("one", later)
	want.State, want.Progress, want.Answer = fhir.AsyncCompleted, "progress of one", []byte("the answer")
	if diff := cmp.Diff(want, get("one"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("completed, -want +got\n%s", diff)
	}
	advance("two", fhir.AsyncCancelled, "", true)
	advance("two", fhir.AsyncCompleted, "too late", false)
	pending("asha", 0)
	if two := get("two"); two.State != fhir.AsyncCancelled || len(two.Answer) > 0 {
		t.Errorf("cancelled: %+v", two)
	}
	advance("nobody", fhir.AsyncRunning, "", false)
	for _, id := range []string{"nobody", "old"} {
		_, err := store.Async(ctx, id)
		refused(t, id, err, fhir.IssueNotFound)
	}
	if n, err := store.Forget(ctx, now); err != nil || n != 1 {
		t.Errorf("Forget: %d, %v", n, err)
	}
	if n, err := store.Forget(ctx, later); err != nil || n != 2 {
		t.Errorf("Forget later: %d, %v", n, err)
	}
	_, err := store.Async(ctx, "one")
	refused(t, "forgotten", err, fhir.IssueNotFound)
}
