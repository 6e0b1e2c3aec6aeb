package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bima/fhir"
)

func versions(t *testing.T, open func(t *testing.T) fhir.Store) {
	t.Run("a resource lives from its creation to its deletion and back", func(t *testing.T) {
		f := fixture{t, open(t)}
		asha := key("Patient/asha")
		f.create("Patient/asha", nil)
		f.update(func(w fhir.Writer) error { return put(w, "Patient/asha", 1, nil, nil) })
		f.update(func(w fhir.Writer) error { return remove(w, "Patient/asha", 2, nil) })
		f.view(func(r fhir.Reader) error {
			got, err := r.Read(asha)
			if err != nil || !got.Deleted || got.Version != 3 || got.Body != nil || got.Method != fhir.MethodDelete {
				t.Errorf("Read of the deletion: %+v, %v", got, err)
			}
			if found, err := r.ReadMany([]fhir.Key{asha}); err != nil || len(found) != 0 {
				t.Errorf("ReadMany of the deletion: %v, %v", found, err)
			}
			return nil
		})
		f.update(func(w fhir.Writer) error { return put(w, "Patient/asha", 3, nil, nil) })
		f.view(func(r fhir.Reader) error {
			for version := int64(1); version <= 4; version++ {
				got, err := r.ReadVersion(asha, version)
				if err != nil || got.Version != version || got.Deleted != (version == 3) {
					t.Fatalf("ReadVersion %d: %+v, %v", version, got, err)
				}
				if !got.Deleted && !bytes.Equal(got.Body, body(asha, version)) {
					t.Errorf("ReadVersion %d: body %s", version, got.Body)
				}
			}
			got, err := r.Read(asha)
			if err != nil || got.Version != 4 || got.Deleted {
				t.Errorf("Read: %+v, %v", got, err)
			}
			return nil
		})
	})
	t.Run("what never was is not found", func(t *testing.T) {
		f := fixture{t, open(t)}
		f.create("Patient/asha", nil)
		f.view(func(r fhir.Reader) error {
			_, err := r.Read(key("Patient/nobody"))
			refused(t, "Read", err, fhir.IssueNotFound)
			_, err = r.Read(key("Claim/asha"))
			refused(t, "Read of another type", err, fhir.IssueNotFound)
			_, err = r.ReadVersion(key("Patient/asha"), 2)
			refused(t, "ReadVersion", err, fhir.IssueNotFound)
			_, err = r.ReadVersion(key("Basic/asha"), 1)
			refused(t, "ReadVersion of another type", err, fhir.IssueNotFound)
			return nil
		})
	})
	t.Run("the version expected must be the current one", func(t *testing.T) {
		f := fixture{t, open(t)}
		f.create("Patient/asha", nil)
		for _, expect := range []int64{0, 2, 7} {
			err := f.store.Update(context.Background(), func(w fhir.Writer) error { return put(w, "Patient/asha", expect, nil, nil) })
			refused(t, "Put", err, fhir.IssueConflict)
			if o := fhir.OutcomeOf(err); o.Issues[0].Detail != fhir.DetailVersionConflict {
				t.Errorf("detail %q", o.Issues[0].Detail)
			}
		}
		refused(t, "Put of what never was", f.store.Update(context.Background(), func(w fhir.Writer) error {
			return put(w, "Patient/juma", 1, nil, nil)
		}), fhir.IssueConflict)
	})
	t.Run("times are those of the transaction and grow with the version", func(t *testing.T) {
		f := fixture{t, open(t)}
		f.create("Patient/asha", nil)
		var last time.Time
		for version := int64(1); version < 8; version++ {
			f.update(func(w fhir.Writer) error {
				old, err := w.Read(key("Patient/asha"))
				if err != nil {
					return err
				}
				if now := w.Now(); !now.After(old.Updated) || now != now.Truncate(time.Millisecond) || now.Location() != time.UTC || now != w.Now() {
					t.Errorf("Now is %s after %s", now, old.Updated)
				}
				return put(w, "Patient/asha", version, nil, nil)
			})
			f.view(func(r fhir.Reader) error {
				got, err := r.Read(key("Patient/asha"))
				if err == nil && !got.Updated.After(last) {
					t.Errorf("version %d is of %s, the one before of %s", got.Version, got.Updated, last)
				}
				last = got.Updated
				return err
			})
		}
	})
	t.Run("a time taken before the resource was read is taken again", func(t *testing.T) {
		f := fixture{t, open(t)}
		f.create("Patient/asha", nil)
		for version := int64(1); version < 8; version++ {
			f.update(func(w fhir.Writer) error {
				w.Now()
				return put(w, "Patient/asha", version, nil, nil)
			})
		}
		f.view(func(r fhir.Reader) error {
			page, err := r.History(&fhir.HistoryQuery{Type: "Patient", ID: "asha", Limit: 20})
			if err == nil && !slices.IsSortedFunc(page.Resources, func(a, b *fhir.Resource) int { return b.Updated.Compare(a.Updated) }) {
				t.Error("the times of the versions don't grow")
			}
			return err
		})
	})
	bodies(t, open)
}

func bodies(t *testing.T, open func(t *testing.T) fhir.Store) {
	t.Run("bodies come back as they were stored, whatever their size", func(t *testing.T) {
		f := fixture{t, open(t)}
		for name, text := range map[string]string{
			"Basic/small": "{}",
			"Basic/large": strings.Repeat(`{"resourceType":"Basic"}`, 5000),
			"Basic/dense": string(randomBytes(300_000)),
		} {
			k := key(name)
			f.update(func(w fhir.Writer) error {
				return w.Put(fhir.Version{Resource: &fhir.Resource{Key: k, Version: 1, Updated: w.Now(), Method: fhir.MethodCreate, Body: []byte(text)}})
			})
			f.view(func(r fhir.Reader) error {
				got, err := r.Read(k)
				if err == nil && string(got.Body) != text {
					t.Errorf("%s: %d bytes came back of %d", name, len(got.Body), len(text))
				}
				return err
			})
		}
	})
	t.Run("many are read at once, each once", func(t *testing.T) {
		f := fixture{t, open(t)}
		f.update(func(w fhir.Writer) error {
			for _, name := range []string{"Patient/asha", "Patient/juma", "Claim/c1"} {
				if err := put(w, name, 0, nil, nil); err != nil {
					return err
				}
			}
			return nil
		})
		keys := []fhir.Key{key("Patient/asha"), key("Claim/c1"), key("Patient/asha"), key("Patient/nobody"), key("Basic/b")}
		for range 600 {
			keys = append(keys, key("Patient/none"))
		}
		f.view(func(r fhir.Reader) error {
			got, err := r.ReadMany(keys)
			all := names(got)
			slices.Sort(all)
			same(t, "ReadMany", all, []string{"Claim/c1", "Patient/asha"})
			return err
		})
	})
	t.Run("a writer reads and finds what it wrote, and nobody else does before the commit", func(t *testing.T) {
		f := fixture{t, open(t)}
		index := &fhir.Index{Tokens: []fhir.TokenRow{{Param: "gender", Code: "female"}}}
		query := fhir.Query{Types: []string{"Patient"}, Limit: 5, Where: token("gender", "female")}
		f.update(func(w fhir.Writer) error {
			if err := put(w, "Patient/asha", 0, index, nil); err != nil {
				return err
			}
			if got, err := w.Read(key("Patient/asha")); err != nil || got.Version != 1 {
				t.Errorf("Read within: %v, %v", got, err)
			}
			page, err := w.Search(&query)
			if err == nil {
				same(t, "Search within", names(page.Resources), []string{"Patient/asha"})
			}
			f.view(func(r fhir.Reader) error {
				_, err := r.Read(key("Patient/asha"))
				refused(t, "Read from without", err, fhir.IssueNotFound)
				return nil
			})
			return err
		})
		same(t, "Search after", f.found(query), []string{"Patient/asha"})
	})
}

// writing holds transactions of several writes to being one.
func writing(t *testing.T, open func(t *testing.T) fhir.Store) {
	t.Run("a transaction of many writes commits all of them", func(t *testing.T) {
		f := fixture{t, open(t)}
		const many = 300
		source := key("Claim/c0")
		f.update(func(w fhir.Writer) error {
			for i := range many {
				if err := put(w, fmt.Sprint("Claim/c", i), 0, &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: "active"}}}, nil); err != nil {
					return err
				}
				if err := w.Post(source, []fhir.Entry{{Account: "a", Bucket: "b", Value: int64(i)}}); err != nil {
					return err
				}
			}
			return nil
		})
		f.view(func(r fhir.Reader) error {
			page, err := r.Search(&fhir.Query{Types: []string{"Claim"}, Where: token("status", "active"), Total: fhir.TotalAccurate})
			if err == nil && *page.Total != many {
				t.Errorf("%d of %d are found", *page.Total, many)
			}
			balance, err2 := r.Tally(fhir.Tally{Accounts: []string{"a"}})
			if len(balance) != 1 || balance[0].Value != many-1 {
				t.Errorf("the ledger has %v", balance)
			}
			return errors.Join(err, err2)
		})
	})
	t.Run("a Put that meets another's version tells it, and leaves nothing", func(t *testing.T) {
		f := fixture{t, open(t)}
		f.create("Patient/asha", nil)
		f.create("Patient/juma", nil)
		var met error
		err := f.store.Update(context.Background(), func(w fhir.Writer) error {
			if err := put(w, "Patient/neema", 0, nil, nil); err != nil {
				return err
			}
			met = put(w, "Patient/asha", 0, nil, nil)
			if met == nil {
				met = put(w, "Patient/juma", 0, nil, nil)
			}
			return met
		})
		refused(t, "Update", err, fhir.IssueConflict)
		refused(t, "Put", met, fhir.IssueConflict)
		if o := fhir.OutcomeOf(err); o.Issues[0].Detail != fhir.DetailVersionConflict {
			t.Errorf("the outcome is %v", o)
		}
		same(t, "what is there", f.found(fhir.Query{Types: []string{"Patient"}, Where: fhir.IDs{"neema"}}), nil)
	})
}

// randomBytes gives bytes that don't compress, the same ones each time.
func randomBytes(n int) []byte {
	out := make([]byte, n)
	state := uint32(1)
	for i := range out {
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		out[i] = byte(state)
	}
	return out
}

func identifiers(t *testing.T, open func(t *testing.T) fhir.Store) {
	card := fhir.UniqueKey{Type: "Patient", Name: "urn:card", Value: "070707"}
	bears := &fhir.Index{Unique: []fhir.UniqueKey{card}}
	t.Run("an identifier belongs to one resource", func(t *testing.T) {
		f := fixture{t, open(t)}
		f.create("Patient/asha", bears)
		err := f.store.Update(context.Background(), func(w fhir.Writer) error { return put(w, "Patient/juma", 0, bears, nil) })
		refused(t, "the second bearer", err, fhir.IssueDuplicate)
		if o := fhir.OutcomeOf(err); o.Issues[0].Detail != fhir.DetailUnique || !strings.Contains(o.Error(), "070707") {
			t.Errorf("the outcome is %v, of detail %q", o, o.Issues[0].Detail)
		}
		f.view(func(r fhir.Reader) error {
			_, err := r.Read(key("Patient/juma"))
			refused(t, "Read of the second", err, fhir.IssueNotFound)
			k, ok, err := r.Owner(card)
			if !ok || k != key("Patient/asha") {
				t.Errorf("Owner: %v, %v", k, ok)
			}
			return err
		})
	})
	t.Run("an identifier given up is free", func(t *testing.T) {
		f := fixture{t, open(t)}
		f.create("Patient/asha", bears)
		f.update(func(w fhir.Writer) error { return put(w, "Patient/asha", 1, bears, bears) })
		f.update(func(w fhir.Writer) error { return put(w, "Patient/asha", 2, nil, bears) })
		f.create("Patient/juma", bears)
		f.update(func(w fhir.Writer) error { return remove(w, "Patient/juma", 1, nil) })
		f.view(func(r fhir.Reader) error {
			_, ok, err := r.Owner(card)
			if ok {
				t.Error("the deleted resource still bears it")
			}
			return err
		})
		f.create("Patient/neema", bears)
	})
	t.Run("another type may bear the same", func(t *testing.T) {
		f := fixture{t, open(t)}
		f.create("Patient/asha", bears)
		f.create("Group/family", &fhir.Index{Unique: []fhir.UniqueKey{{Type: "Group", Name: card.Name, Value: card.Value}}})
	})
}

func identifiersWithin(t *testing.T, open func(t *testing.T) fhir.Store) {
	card := fhir.UniqueKey{Type: "Patient", Name: "urn:card", Value: "070707"}
	bears := &fhir.Index{Unique: []fhir.UniqueKey{card}}
	t.Run("of two that take it in one transaction the second fails", func(t *testing.T) {
		f := fixture{t, open(t)}
		var second error
		err := f.store.Update(context.Background(), func(w fhir.Writer) error {
			if err := put(w, "Patient/asha", 0, bears, nil); err != nil {
				return err
			}
			second = put(w, "Patient/juma", 0, bears, nil)
			return second
		})
		refused(t, "Update", err, fhir.IssueDuplicate)
		refused(t, "the second Put", second, fhir.IssueDuplicate)
		same(t, "what is left", f.found(fhir.Query{Types: []string{"Patient"}}), nil)
	})
	t.Run("one transaction takes it from one and gives it to another", func(t *testing.T) {
		f := fixture{t, open(t)}
		f.create("Patient/asha", bears)
		f.update(func(w fhir.Writer) error {
			if err := put(w, "Patient/asha", 1, &fhir.Index{}, bears); err != nil {
				return err
			}
			if err := put(w, "Patient/juma", 0, bears, nil); err != nil {
				return err
			}
			k, _, err := w.Owner(card)
			if k != key("Patient/juma") {
				t.Errorf("Owner within: %v", k)
			}
			return err
		})
	})
}
