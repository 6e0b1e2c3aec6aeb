package lettering_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/resources/print/lettering"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// ids gives the glyphs of a text from left to right, as "font:glyph".
func ids(text string) []string {
	var list []string
	for _, g := range lettering.Set(text, 10, lettering.Regular).Glyphs {
		list = append(list, fmt.Sprintf("%d:%d", g.Font, g.ID))
	}
	return list
}

func TestScriptsAreShaped(t *testing.T) {
	one := func(text string) string { return strings.Join(ids(text), " ") }
	t.Run("a conjunct is one letter, which its parts are not", func(t *testing.T) {
		conjunct := ids("क्ष")
		if len(conjunct) != 1 || conjunct[0] == one("क") || conjunct[0] == one("ष") {
			t.Errorf("क्ष is %v, क is %v, ष is %v", conjunct, ids("क"), ids("ष"))
		}
	})
	t.Run("letters without a virama between stay two", func(t *testing.T) {
		if got := ids("कष"); len(got) != 2 {
			t.Errorf("कष is %v", got)
		}
	})
	t.Run("the vowel i stands before its consonant", func(t *testing.T) {
		got, consonant := ids("कि"), one("क")
		if len(got) != 2 || got[1] != consonant {
			t.Errorf("कि is %v, want क (%s) last", got, consonant)
		}
	})
	t.Run("an initial ra becomes a mark over what follows", func(t *testing.T) {
		if got := ids("र्म"); len(got) != 2 || got[0] != one("म") {
			t.Errorf("र्म is %v, want म (%s) first", got, one("म"))
		}
	})
	t.Run("Arabic letters join", func(t *testing.T) {
		alone, joined := one("ب"), ids("ببب")
		if len(joined) != 3 || joined[0] == joined[1] || joined[1] == joined[2] || joined[0] == joined[2] {
			t.Fatalf("ببب is %v: final, medial and initial form differ", joined)
		}
		for _, form := range joined {
			if form == alone {
				t.Errorf("ببب is %v with the isolated form %s", joined, alone)
			}
		}
	})
	t.Run("lam and alef are one letter", func(t *testing.T) {
		if lam, whole := ids("ل"), ids("لا"); len(whole) > 2 || whole[0] == lam[0] {
			t.Errorf("لا is %v", whole)
		}
	})
	t.Run("Arabic runs from right to left", func(t *testing.T) {
		// Waw and dal join nothing that follows, so each keeps its form.
		waw, dal, both := one("و"), one("د"), ids("ود")
		if len(both) != 2 || both[0] != dal || both[1] != waw {
			t.Errorf("ود is %v from left to right, want %s %s", both, dal, waw)
		}
	})
	t.Run("digits within Arabic run from left to right", func(t *testing.T) {
		got := one("د 12")
		if want := one("12") + " " + one(" ") + " "; !strings.HasPrefix(got, one("12")) || !strings.HasSuffix(got, one("د")) {
			t.Errorf("got %s, want it to begin with %sand to end with %s", got, want, one("د"))
		}
	})
	t.Run("Latin within an Arabic line keeps its order", func(t *testing.T) {
		if got := one("د ab cd"); !strings.Contains(got, one("ab")) || strings.Index(got, one("ab")) > strings.Index(got, one("cd")) {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a mark stands over its letter", func(t *testing.T) {
		if composed, apart := one("ễ"), one("ê\u0303"); composed != apart {
			t.Errorf("ễ is %s, and in two characters %s", composed, apart)
		}
	})
	t.Run("what no font has is an empty box", func(t *testing.T) {
		glyphs := lettering.Set("漢", 10, lettering.Regular).Glyphs
		if len(glyphs) != 1 || glyphs[0].ID != 0 || len(glyphs[0].Path) == 0 {
			t.Errorf("got %+v", glyphs)
		}
	})
}

func TestTextFitsItsPlace(t *testing.T) {
	wide := lettering.Set("Ramesh Sanga", 5, lettering.Bold).Width
	cases := []struct {
		name        string
		width, want float64
	}{
		{"a text with room is set as it is", wide + 1, wide},
		{"a wide one is made smaller", wide / 2, wide / 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := lettering.Fit("Ramesh Sanga", 5, c.width, lettering.Bold).Width; got < c.want-0.01 || got > c.want+0.01 {
				t.Errorf("got %.3f, want %.3f", got, c.want)
			}
		})
	}
	if empty := lettering.Set("", 5, lettering.Regular); empty.Width != 0 || len(empty.Path(1, 1)) != 0 {
		t.Errorf("nothing is %+v", empty)
	}
	if long := lettering.Set(strings.Repeat("a", 100_000), 5, lettering.Regular); len(long.Glyphs) > 200 {
		t.Errorf("a text without end is %d glyphs", len(long.Glyphs))
	}
}

// names are set in testdata/names.txt: each with its width at 10 mm and its
// glyphs from left to right.
var names = []string{"Ramesh Sanga", "Nguyễn Thị Đặng", "रमेश क्षत्रिय", "श्री कृष्ण प्रसाद", "محمد عبد الله", "نور الدین خان", "محمد Mohamed ٧"}

func TestNamesAreSetAsTheyWere(t *testing.T) {
	var b strings.Builder
	for _, name := range names {
		set := lettering.Set(name, 10, lettering.Regular)
		segments := 0
		for _, g := range set.Glyphs {
			segments += len(g.Path)
		}
		fmt.Fprintf(&b, "%s\n  width %.2f mm, %d segments\n  %s\n", name, set.Width, segments, strings.Join(ids(name), " "))
	}
	const file = "testdata/names.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestManyMaySetAtOnce(t *testing.T) {
	want := strings.Join(ids(names[2]), " ")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if got := strings.Join(ids(names[2]), " "); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	group.Wait()
}

func FuzzSet(f *testing.F) {
	for _, name := range names {
		f.Add(name)
	}
	f.Add("\u202e\u0300\u200d\xff")
	f.Fuzz(func(t *testing.T, text string) {
		if set := lettering.Fit(text, 4, 50, lettering.Bold); set.Width > 50.5 || set.Width < 0 {
			t.Errorf("%q is %.2f mm wide", text, set.Width)
		}
	})
}

func BenchmarkSet(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		lettering.Set("रमेश क्षत्रिय", 4, lettering.Bold)
	}
}
