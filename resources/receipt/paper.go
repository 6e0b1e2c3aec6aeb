package receipt

import (
	"fmt"
	"time"

	"bima/resources/print/drawing"
	"bima/resources/print/lettering"
)

// The paper, in millimetres. Source: ISO 216, A5.
const (
	paperWidth  = 148
	paperHeight = 210
	margin      = 12
	inner       = paperWidth - 2*margin
	bandHeight  = 16
	labelWidth  = 40
	rowHeight   = 7.5
	linesMax    = 12 // what the money was for; more are added up in one
)

// The colours of the paper.
var (
	ink   = drawing.Color{}
	grey  = drawing.Color{R: 96, G: 96, B: 96}
	rule  = drawing.Color{R: 176, G: 186, B: 182}
	white = drawing.Color{R: 255, G: 255, B: 255}
	green = drawing.Color{R: 15, G: 82, B: 68}
	red   = drawing.Color{R: 176, G: 24, B: 24}
)

// A page is a receipt as it is drawn, from the top downwards.
type page struct {
	*drawing.Drawing
	words words
	y     float64
}

// pdf gives the receipt as a file: the same facts give the same bytes.
func (f *facts) pdf(w words, scheme string) ([]byte, error) {
	paper := f.draw(w, scheme)
	made, err := time.Parse(time.RFC3339, f.made)
	if err != nil {
		made = time.Time{}
	}
	file := drawing.NewPDF(drawing.SheetOwn, paper.Title, made)
	file.Add(paper)
	return file.Bytes()
}

// draw draws the receipt.
func (f *facts) draw(w words, scheme string) *drawing.Drawing {
	p := &page{Drawing: &drawing.Drawing{Width: paperWidth, Height: paperHeight, Title: w.receipt + " " + f.number}, words: w}
	if scheme == "" {
		scheme = f.scheme.name
	}
	p.Fill(green, drawing.Path{}.Rectangle(0, 0, paperWidth, bandHeight))
	p.text(white, scheme, 5.4, margin, 10.6, inner, lettering.Bold)
	p.y = bandHeight + 13
	p.text(ink, w.receipt, 8, margin, p.y, inner/2, lettering.Bold)
	p.right(ink, w.number+" "+f.number, 5.4, p.y, inner/2, lettering.Bold)
	p.y += 12
	p.about(f)
	p.table(f)
	if f.reversed() {
		p.stamp(f)
	}
	return p.Drawing
}

// text writes at a place, smaller where it is wider than there is room.
func (p *page) text(c drawing.Color, text string, size, x, y, width float64, weight lettering.Weight) {
	if text != "" {
		p.Fill(c, lettering.Fit(text, size, width, weight).Path(x, y))
	}
}

// right writes up to the right margin.
func (p *page) right(c drawing.Color, text string, size, y, width float64, weight lettering.Weight) {
	t := lettering.Fit(text, size, width, weight)
	p.Fill(c, t.Path(paperWidth-margin-t.Width, y))
}

// about writes who paid, when and how.
func (p *page) about(f *facts) {
	for _, row := range []struct {
		label string
		value party
	}{
		{p.words.date, party{name: f.date}},
		{p.words.from, f.payer},
		{p.words.family, f.family},
		{p.words.by, party{name: p.words.methods[f.method]}},
		{p.words.reference, party{name: f.reference}},
		{p.words.officer, f.officer},
	} {
		if row.value == (party{}) {
			continue
		}
		p.text(grey, row.label, 3.6, margin, p.y, labelWidth-2, lettering.Regular)
		p.party(row.value)
		p.y += rowHeight
	}
	p.y += 5
}

// party writes a name and behind it the number, as two texts: a number is read
// from left to right, whatever the name is written in.
func (p *page) party(who party) {
	const numberWidth, gap = 36, 2
	x, room := float64(margin+labelWidth), float64(inner-labelWidth)
	if who.name != "" {
		if who.number != "" {
			room -= numberWidth + gap
		}
		name := lettering.Fit(who.name, 4, room, lettering.Regular)
		p.Fill(ink, name.Path(x, p.y))
		x += name.Width + gap
	}
	p.text(grey, who.number, 4, x, p.y, numberWidth, lettering.Regular)
}

// table writes what the money was for, and the total.
func (p *page) table(f *facts) {
	p.text(grey, p.words.purpose, 3.6, margin, p.y, inner, lettering.Regular)
	p.y += 3
	p.line()
	for i, l := range f.lines {
		text, amount := p.what(l), l.amount
		if i == linesMax-1 && len(f.lines) > linesMax {
			for _, more := range f.lines[i+1:] {
				amount += more.amount
			}
			text = fmt.Sprintf("%s … (%d)", text, len(f.lines)-i)
		}
		p.row(text, p.words.money(amount, f.currency), lettering.Regular)
		if i == linesMax-1 {
			break
		}
	}
	p.row(p.words.total, p.words.money(f.amount, f.currency), lettering.Bold)
	if f.back > 0 && !f.reversed() {
		p.row(p.words.back+" "+f.backOn, p.words.money(-f.back, f.currency), lettering.Regular)
	}
}

// what writes what a line is for.
func (p *page) what(l line) string {
	switch {
	case l.invoice == "":
		return p.words.credit
	case l.policy == "":
		return p.words.invoice + " " + l.invoice
	}
	return p.words.invoice + " " + l.invoice + ", " + p.words.policy + " " + l.policy
}

func (p *page) row(text, amount string, weight lettering.Weight) {
	const amountWidth = 46
	p.y += 6
	p.text(ink, text, 4, margin, p.y, inner-amountWidth-4, weight)
	p.right(ink, amount, 4, p.y, amountWidth, weight)
	p.y += 2.5
	p.line()
}

// line draws a thin line over the width.
func (p *page) line() {
	p.Fill(rule, drawing.Path{}.Rectangle(margin, p.y, inner, 0.25))
}

// stamp says in red, so that nobody takes it for good, that the receipt was
// reversed, when and why.
func (p *page) stamp(f *facts) {
	why := p.words.bounced
	if f.reason == misposted {
		why = p.words.misposted
	}
	if f.backOn != "" {
		why = f.backOn + ": " + why
	}
	const top, height, thick = 168.0, 24.0, 1.0
	p.Fill(red, drawing.Path{}.Rectangle(margin, top, inner, thick).Rectangle(margin, top+height, inner, thick))
	p.text(red, p.words.reversed, 10, margin+4, top+12, inner-8, lettering.Bold)
	p.text(red, why, 3.8, margin+4, top+19.5, inner-8, lettering.Regular)
}
