package lettering

import (
	"slices"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/text/unicode/bidi"
)

// fonts choose the first face that has a letter; what none has, the first.
type fonts []*font.Face

// ResolveFace implements shaping.Fontmap.
func (f fonts) ResolveFace(r rune) *font.Face {
	for _, face := range f {
		if _, has := face.NominalGlyph(r); has {
			return face
		}
	}
	return f[0]
}

// fontOf gives the place of a face among those of a weight.
func fontOf(faces []*font.Face, face *font.Face) uint8 {
	return uint8(max(0, slices.Index(faces, face)))
}

// rightToLeft reports whether the line runs from right to left: the first letter
// that has a direction decides. Source: UAX #9, P2 and P3.
func rightToLeft(runes []rune) bool {
	for _, r := range runes {
		switch p, _ := bidi.LookupRune(r); p.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}

// visual puts the runs of a line, given in the order of reading, into that of
// their places from left to right: runs against the line's direction keep the
// order among themselves that their own direction has. Source: UAX #9, L2, for
// the two levels a name can have.
func visual(line shaping.Line, direction di.Direction) shaping.Line {
	ordered := slices.Clone(line)
	if direction.Progression() == di.TowardTopLeft {
		slices.Reverse(ordered)
	}
	for from := 0; from < len(ordered); {
		to := from + 1
		if ordered[from].Direction != direction {
			for to < len(ordered) && ordered[to].Direction != direction {
				to++
			}
			slices.Reverse(ordered[from:to])
		}
		from = to
	}
	return ordered
}
