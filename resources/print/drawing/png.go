package drawing

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/vector"
)

// PNG gives the drawing at 300 dots per inch, which the file says.
func (d *Drawing) PNG() ([]byte, error) {
	out := image.NewRGBA(image.Rect(0, 0, dots(d.Width), dots(d.Height)))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	for _, item := range d.Items {
		if p := item.Picture; p != nil {
			at := image.Pt(dots(p.X), dots(p.Y))
			draw.Draw(out, p.Image.Bounds().Add(at), p.Image, p.Image.Bounds().Min, draw.Over)
			continue
		}
		fill(out, item)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, out); err != nil {
		return nil, err
	}
	return withResolution(b.Bytes()), nil
}

// fill draws a path; only the pixels around it are touched.
func fill(out *image.RGBA, item Item) {
	area := around(item.Path).Intersect(out.Bounds())
	if area.Empty() {
		return
	}
	r := vector.NewRasterizer(area.Dx(), area.Dy())
	dot := func(p Point) (x, y float32) {
		return float32(p.X/Dot - float64(area.Min.X)), float32(p.Y/Dot - float64(area.Min.Y))
	}
	for i, s := range item.Path {
		x, y := dot(s.To)
		switch s.Op {
		case Move:
			if i > 0 {
				r.ClosePath()
			}
			r.MoveTo(x, y)
		case Line:
			r.LineTo(x, y)
		case Curve:
			cx, cy := dot(s.Control)
			r.QuadTo(cx, cy, x, y)
		}
	}
	r.ClosePath()
	c := item.Color
	r.Draw(out, area, image.NewUniform(color.RGBA{c.R, c.G, c.B, 255}), image.Point{})
}

// around gives the pixels that a path may touch.
func around(p Path) image.Rectangle {
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	widen := func(at Point) {
		low = Point{min(low.X, at.X), min(low.Y, at.Y)}
		high = Point{max(high.X, at.X), max(high.Y, at.Y)}
	}
	for _, s := range p {
		widen(s.To)
		if s.Op == Curve {
			widen(s.Control)
		}
	}
	if len(p) == 0 {
		return image.Rectangle{}
	}
	return image.Rect(
		int(math.Floor(low.X/Dot+roundingError)), int(math.Floor(low.Y/Dot+roundingError)),
		int(math.Ceil(high.X/Dot-roundingError)), int(math.Ceil(high.Y/Dot-roundingError)),
	)
}

// roundingError is how far, in pixels, what lies on an edge may miss it.
const roundingError = 1e-6

// Of a PNG file: its signature and IHDR chunk, after which pHYs may stand, and
// the dots of a metre. Source: PNG 1.2, 4.2.4.2 and 5.
const (
	pngHeaderBytes = 8 + 4 + 4 + 13 + 4
	dotsPerMetre   = 11811 // 300 × 1000 / 25.4
)

// withResolution puts the chunk that tells the resolution into a PNG.
func withResolution(file []byte) []byte {
	chunk := []byte("pHYs")
	chunk = binary.BigEndian.AppendUint32(chunk, dotsPerMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, dotsPerMetre)
	chunk = append(chunk, 1) // the unit is the metre
	out := append([]byte(nil), file[:pngHeaderBytes]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(chunk)-4))
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, file[pngHeaderBytes:]...)
}
