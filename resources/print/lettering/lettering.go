// Package lettering turns text into outlines: letters joined, stacked and ordered
// as their script wants them, whatever the printer or viewer knows of it.
//
// Its door is Set. The fonts are embedded: Noto Sans for Latin, Noto Sans
// Devanagari and Noto Naskh Arabic, under the SIL Open Font License beside them,
// cut down to the letters that names need.
package lettering

import (
	"bytes"
	_ "embed" // the fonts
	"sync"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"

	"bima/resources/print/drawing"
)

var (
	//go:embed fonts/NotoSans-Regular.ttf
	latinRegular []byte
	//go:embed fonts/NotoSans-Bold.ttf
	latinBold []byte
	//go:embed fonts/NotoSansDevanagari-Regular.ttf
	devanagari []byte
	//go:embed fonts/NotoNaskhArabic-Regular.ttf
	arabic []byte
)

// A Weight is how heavy letters are; only Latin has a bold one.
type Weight uint8

// The weights.
const (
	Regular Weight = iota
	Bold
)

// runesMax is how much of a text is set; names are shorter.
const runesMax = 200

// unitsPerEm is the size that text is shaped at, fine enough for any font.
const unitsPerEm = 2048

// A Glyph is one outline of a text and where it stands, on the base line and in
// the direction of reading from left to right, y downwards.
type Glyph struct {
	Font uint8 // which of the fonts, from 0
	ID   uint32
	X, Y float64
	Path drawing.Path // at its place
}

// A Text is a line of text as outlines, beginning at 0 on the base line.
type Text struct {
	Width  float64
	Glyphs []Glyph
}

// Path gives all outlines, with the beginning of the base line at a place.
func (t *Text) Path(x, y float64) drawing.Path {
	var p drawing.Path
	for _, g := range t.Glyphs {
		p = append(p, g.Path.At(x, y)...)
	}
	return p
}

// A setter shapes with fonts of its own: they keep what they have worked out, so
// each setter is used by one goroutine at a time.
type setter struct {
	faces     [2][]*font.Face // by weight, in the order they are asked
	shaper    shaping.HarfbuzzShaper
	segmenter shaping.Segmenter
}

var setters = sync.Pool{New: func() any { return newSetter() }}

func newSetter() *setter {
	var faces []*font.Face
	for _, file := range [][]byte{latinRegular, latinBold, devanagari, arabic} {
		face, err := font.ParseTTF(bytes.NewReader(file))
		if err != nil {
			panic("lettering: an embedded font can't be read: " + err.Error())
		}
		faces = append(faces, face)
	}
	return &setter{faces: [2][]*font.Face{Regular: {faces[0], faces[2], faces[3]}, Bold: {faces[1], faces[2], faces[3]}}}
}

// Set sets a text in letters of a size: that of the em, in millimetres. What no
// font has is drawn as an empty box. It is safe for concurrent use.
func Set(text string, size float64, weight Weight) *Text {
	s := setters.Get().(*setter)
	defer setters.Put(s)
	return s.set([]rune(text), size, weight)
}

// Fit is Set with letters made smaller where the text is wider than width.
func Fit(text string, size, width float64, weight Weight) *Text {
	t := Set(text, size, weight)
	if t.Width > width {
		t = Set(text, size*width/t.Width, weight)
	}
	return t
}

func (s *setter) set(runes []rune, size float64, weight Weight) *Text {
	runes = runes[:min(len(runes), runesMax)]
	t := &Text{}
	if len(runes) == 0 {
		return t
	}
	faces := s.faces[weight]
	input := shaping.Input{Text: runes, RunEnd: len(runes), Direction: di.DirectionLTR, Size: fixed.I(unitsPerEm), Language: language.NewLanguage("und")}
	if rightToLeft(runes) {
		input.Direction = di.DirectionRTL
	}
	var line shaping.Line
	for _, run := range s.segmenter.Split(input, fonts(faces)) {
		line = append(line, s.shaper.Shape(run))
	}
	for _, run := range visual(line, input.Direction) {
		t.add(run, size/unitsPerEm, fontOf(faces, run.Face))
	}
	return t
}

// add appends a run at the end of the line; scale is that from shaping's units
// to millimetres.
func (t *Text) add(run shaping.Output, scale float64, of uint8) {
	outline := scale * unitsPerEm / float64(run.Face.Upem())
	for _, g := range run.Glyphs {
		x, y := t.Width+units(g.XOffset)*scale, -units(g.YOffset)*scale
		glyph := Glyph{Font: of, ID: uint32(g.GlyphID), X: x, Y: y}
		if data, ok := run.Face.GlyphData(g.GlyphID).(font.GlyphOutline); ok {
			glyph.Path = path(data.Segments, x, y, outline)
		}
		t.Glyphs = append(t.Glyphs, glyph)
		t.Width += units(g.XAdvance) * scale
	}
}

// path gives an outline of a font at its place.
func path(segments []opentype.Segment, x, y, scale float64) drawing.Path {
	p := make(drawing.Path, 0, len(segments))
	at := func(q opentype.SegmentPoint) drawing.Point {
		return drawing.Point{X: x + float64(q.X)*scale, Y: y - float64(q.Y)*scale}
	}
	for _, s := range segments {
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			p = append(p, drawing.Segment{Op: drawing.Move, To: at(s.Args[0])})
		case opentype.SegmentOpQuadTo:
			p = append(p, drawing.Segment{Op: drawing.Curve, Control: at(s.Args[0]), To: at(s.Args[1])})
		default: // fonts of this format have no cubic curves
			p = append(p, drawing.Segment{Op: drawing.Line, To: at(s.Args[0])})
		}
	}
	return p
}

func units(v fixed.Int26_6) float64 { return float64(v) / 64 }
