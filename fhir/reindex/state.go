package reindex

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/fhir"
)

// The names of the notes: how far the work is, and what the index was made by.
const (
	stateNote = "reindex"
	printNote = "reindex fingerprints"
)

// A state is how far the work is.
type state struct {
	Generation int64     // raised whenever the parameters in force change
	Tasks      []*task   // what is to be done, the first one first
	Holder     string    // who does it
	Beat       time.Time // when he last said so
	Started    time.Time // of the first task of those that were done without a pause
	Ended      time.Time // zero while there are tasks
	Counts     counts    // from Started on
	Failed     []string  // some of those that failed, "Patient/1"
}

// counts are of resources.
type counts struct{ Found, Changed, Failed int64 }

// A task is the resources of one type, and what of their index is made anew.
type task struct {
	Type     string
	Codes    []string          // nil is all of it
	Prints   map[string]string // what is complete when it is done; nil where nothing is incomplete
	Asked    time.Time         // from when on searches are told of it
	Since    time.Time         // no version by the definitions before is older that was not seen at first; by the database's clock
	Position int64
	Last     bool     // whether it goes once more through those written since it was asked for
	Await    []string // transactions that were under way and may index by the definitions before
	Total    *int64
	Found    int64
}

// newTask gives the task of making parameters of a type anew, nil being all of
// them, asked for at a time of the database's clock. Texts are written together with all the rest, and what is derived from a
// parameter together with it.
func newTask(typ string, codes []string, now time.Time) *task {
	if slices.Contains(codes, "_text") || slices.Contains(codes, "_content") {
		codes = nil
	}
	codes = slices.Clone(codes)
	for i := range codes {
		codes[i], _, _ = strings.Cut(codes[i], ":")
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	return &task{Type: typ, Codes: codes, Asked: time.Now().UTC(), Since: now.Add(-underWay)}
}

// covers reports whether a task does what another would.
func (t *task) covers(other *task) bool {
	if t.Type != other.Type || t.Codes == nil {
		return t.Type == other.Type
	}
	return other.Codes != nil && !slices.ContainsFunc(other.Codes, func(code string) bool { return !slices.Contains(t.Codes, code) })
}

// failedMax bounds the failed resources that are named.
const failedMax = 100

// held reports whether somebody is at work.
func (s *state) held(now time.Time) bool { return s.Holder != "" && now.Sub(s.Beat) < workLease }

// add appends a task.
func (s *state) add(t *task) {
	if len(s.Tasks) == 0 {
		s.Started, s.Ended, s.Counts, s.Failed = t.Asked, time.Time{}, counts{}, nil
	}
	s.Tasks = append(s.Tasks, t)
}

// count adds what became of a page.
func (s *state) count(done *fhir.Reindexed) {
	s.Counts.Found += int64(done.Found)
	s.Counts.Changed += int64(done.Changed)
	s.Counts.Failed += int64(len(done.Failed))
	for _, k := range done.Failed {
		if len(s.Failed) < failedMax {
			s.Failed = append(s.Failed, k.String())
		}
	}
}

// building gives the parameters that are incomplete, "Patient.code", sorted.
func (s *state) building() []string {
	var all []string
	for _, t := range s.Tasks {
		for code := range t.Prints {
			all = append(all, t.Type+"."+code)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func compareKeys(a, b fhir.Key) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
}

// state reads how far the work is.
func (x *Indexer) state(ctx context.Context) (*state, error) {
	s, _, err := readNote[state](ctx, x.store, stateNote)
	return s, err
}

// amend changes the state, again where somebody else did meanwhile.
func (x *Indexer) amend(ctx context.Context, change func(*state) error) error {
	return amendNote(ctx, x.store, stateNote, change)
}

// amendAttempts bounds how often a note is written anew because others were
// faster.
const amendAttempts = 100

func readNote[T any](ctx context.Context, book fhir.Notebook, name string) (*T, int64, error) {
	value := new(T)
	text, version, err := book.Note(ctx, name)
	if err != nil || version == 0 {
		return value, version, err
	}
	if err := json.Unmarshal(text, value); err != nil {
		return value, 0, fmt.Errorf("the note %q can't be read: %w", name, err)
	}
	return value, version, nil
}

func amendNote[T any](ctx context.Context, book fhir.Notebook, name string, change func(*T) error) error {
	for range amendAttempts {
		value, version, err := readNote[T](ctx, book, name)
		if err != nil {
			return err
		}
		if err := change(value); err != nil {
			return err
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		if done, err := book.SetNote(ctx, name, text, version); err != nil || done {
			return err
		}
	}
	return fhir.Errorf(fhir.IssueConflict, "", "others keep changing how far the index is; try again")
}
