package storage_test

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestANoteIsSetByWhoeverKnowsItsVersion(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s, ctx := open(t, dsn(t)), t.Context()
			if value, version, err := s.Note(ctx, "progress"); value != nil || version != 0 || err != nil {
				t.Errorf("of nothing: %q, version %d, %v", value, version, err)
			}
			for round := range 3 {
				var won atomic.Int64
				var group sync.WaitGroup
				for range 8 {
					group.Go(func() {
						done, err := s.SetNote(ctx, "progress", []byte{byte('a' + round)}, int64(round))
						if err != nil {
							t.Error(err)
						}
						if done {
							won.Add(1)
						}
					})
				}
				group.Wait()
				value, version, err := s.Note(ctx, "progress")
				if err != nil {
					t.Fatal(err)
				}
				if won.Load() != 1 || string(value) != string(rune('a'+round)) || version != int64(round+1) {
					t.Errorf("round %d: %d set it to %q, version %d", round, won.Load(), value, version)
				}
			}
			if value, _, err := s.Note(ctx, "other"); value != nil || err != nil {
				t.Errorf("of another name: %q, %v", value, err)
			}
		})
	}
}
