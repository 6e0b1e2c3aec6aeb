package drawing

import (
	"bytes"
	"fmt"
	"time"

	"github.com/go-pdf/fpdf"
)

// A Sheet is what drawings are printed on.
type Sheet string

// The sheets.
const (
	SheetOwn Sheet = "card" // each drawing a page of its own size, for card printers
	SheetA4  Sheet = "a4"   // as many as fit on A4, side by side, with marks to cut along
)

// Of an A4 sheet, in millimetres. Source: ISO 216.
const (
	a4Width, a4Height = 210, 297
	markLength        = 5
	markGap           = 1 // between a mark and the drawings, so that no ink is left at an edge
	markWidth         = 0.1
)

// A PDF is a document under way. It is not safe for concurrent use.
type PDF struct {
	sheet    Sheet
	file     *fpdf.Fpdf
	count    int // drawings so far
	pictures int
}

// NewPDF begins a document. Made is the time it bears, so that the same drawings
// give the same bytes.
func NewPDF(sheet Sheet, title string, made time.Time) *PDF {
	f := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: a4Width, Ht: a4Height}})
	f.SetMargins(0, 0, 0)
	f.SetAutoPageBreak(false, 0)
	f.SetCatalogSort(true)
	f.SetTitle(title, true)
	f.SetProducer("Bima", true)
	f.SetCreationDate(made.UTC())
	f.SetModificationDate(made.UTC())
	return &PDF{sheet: sheet, file: f}
}

// Add draws on the sheet; all drawings of an A4 sheet are of one size.
func (p *PDF) Add(d *Drawing) {
	x, y := p.place(d)
	for _, item := range d.Items {
		if picture := item.Picture; picture != nil {
			p.picture(picture, x, y)
			continue
		}
		p.file.SetFillColor(int(item.Color.R), int(item.Color.G), int(item.Color.B))
		p.trace(item.Path, x, y)
		p.file.DrawPath("F")
	}
	p.count++
}

// place finds where the next drawing goes, on a new page where the last is full.
func (p *PDF) place(d *Drawing) (x, y float64) {
	if p.sheet != SheetA4 {
		// The smaller side first: the library takes the orientation for itself.
		p.file.AddPageFormat("L", fpdf.SizeType{Wd: d.Height, Ht: d.Width})
		return 0, 0
	}
	columns, rows := max(1, int(a4Width/d.Width)), max(1, int(a4Height/d.Height))
	left, top := (a4Width-float64(columns)*d.Width)/2, (a4Height-float64(rows)*d.Height)/2
	at := p.count % (columns * rows)
	if at == 0 {
		p.file.AddPageFormat("P", fpdf.SizeType{Wd: a4Width, Ht: a4Height})
		p.marks(d, left, top, columns, rows)
	}
	return left + float64(at%columns)*d.Width, top + float64(at/columns)*d.Height
}

// marks draws where to cut: outside the drawings, at each of their edges.
func (p *PDF) marks(d *Drawing, left, top float64, columns, rows int) {
	right, bottom := left+float64(columns)*d.Width, top+float64(rows)*d.Height
	p.file.SetLineWidth(markWidth)
	for i := range columns + 1 {
		x := left + float64(i)*d.Width
		p.file.Line(x, top-markGap-markLength, x, top-markGap)
		p.file.Line(x, bottom+markGap, x, bottom+markGap+markLength)
	}
	for i := range rows + 1 {
		y := top + float64(i)*d.Height
		p.file.Line(left-markGap-markLength, y, left-markGap, y)
		p.file.Line(right+markGap, y, right+markGap+markLength, y)
	}
}

// trace begins the path: quadratic curves become the cubic ones of PDF.
func (p *PDF) trace(path Path, x, y float64) {
	var from Point
	for i, s := range path {
		to := Point{s.To.X + x, s.To.Y + y}
		switch s.Op {
		case Move:
			if i > 0 {
				p.file.ClosePath()
			}
			p.file.MoveTo(to.X, to.Y)
		case Line:
			p.file.LineTo(to.X, to.Y)
		case Curve:
			c := Point{s.Control.X + x, s.Control.Y + y}
			p.file.CurveBezierCubicTo(from.X+(c.X-from.X)*2/3, from.Y+(c.Y-from.Y)*2/3, to.X+(c.X-to.X)*2/3, to.Y+(c.Y-to.Y)*2/3, to.X, to.Y)
		}
		from = to
	}
	p.file.ClosePath()
}

func (p *PDF) picture(picture *Picture, x, y float64) {
	p.pictures++
	name, options := fmt.Sprintf("picture-%d", p.pictures), fpdf.ImageOptions{ImageType: "JPEG"}
	p.file.RegisterImageOptionsReader(name, options, bytes.NewReader(picture.JPEG))
	p.file.ImageOptions(name, x+picture.X, y+picture.Y, picture.Width, picture.Height, false, options, 0, "")
}

// Bytes ends the document.
func (p *PDF) Bytes() ([]byte, error) {
	var b bytes.Buffer
	err := p.file.Output(&b)
	return b.Bytes(), err
}
