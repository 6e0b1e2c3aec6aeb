// Package drawing holds flat coloured shapes and pictures, measured in
// millimetres, and writes them as PDF, SVG and PNG: the same shapes in each.
//
// A Drawing has no text: what is to be read is drawn as outlines (see lettering),
// so that every script looks the same on every printer.
package drawing

// A Point is in millimetres from the upper left corner.
type Point struct{ X, Y float64 }

// An Op is what a Segment does.
type Op uint8

// The operations of a path.
const (
	Move  Op = iota // begins a closed contour at To
	Line            // goes straight to To
	Curve           // goes to To by a quadratic curve, whose control point is Control
)

// A Segment is one step of a path.
type Segment struct {
	Op          Op
	Control, To Point
}

// A Path is closed contours, filled by the non-zero rule.
type Path []Segment

// Rectangle gives the path with a rectangle added.
func (p Path) Rectangle(x, y, width, height float64) Path {
	return append(p,
		Segment{Op: Move, To: Point{x, y}}, Segment{Op: Line, To: Point{x + width, y}},
		Segment{Op: Line, To: Point{x + width, y + height}}, Segment{Op: Line, To: Point{x, y + height}})
}

// At gives the path moved to the right and down.
func (p Path) At(x, y float64) Path {
	moved := make(Path, len(p))
	for i, s := range p {
		moved[i] = Segment{Op: s.Op, Control: Point{s.Control.X + x, s.Control.Y + y}, To: Point{s.To.X + x, s.To.Y + y}}
	}
	return moved
}

// A Color is opaque.
type Color struct{ R, G, B uint8 }

// An Item is a filled path or, where Picture is not nil, a picture.
type Item struct {
	Path    Path
	Color   Color
	Picture *Picture
}

// A Drawing is a flat thing of a size in millimetres; later items lie over
// earlier ones, all on white.
type Drawing struct {
	Width, Height float64
	Title         string // for those who can't see it
	Items         []Item
}

// Fill adds a path.
func (d *Drawing) Fill(c Color, p Path) { d.Items = append(d.Items, Item{Path: p, Color: c}) }

// Place adds a picture.
func (d *Drawing) Place(p *Picture) { d.Items = append(d.Items, Item{Picture: p}) }

// dotsPerInch is the resolution of what has pixels: that of card printers.
const dotsPerInch = 300

// millimetresPerInch is exact.
const millimetresPerInch = 25.4

// Dot is the side of one pixel in millimetres. What is to be sharp in a PNG
// begins and ends at multiples of it.
const Dot = millimetresPerInch / dotsPerInch
