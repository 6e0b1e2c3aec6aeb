package card

import (
	"fmt"
	"math"
	"time"

	"bima/resources/card/token"
	"bima/resources/print/drawing"
	"bima/resources/print/lettering"
)

// The face of a card, in millimetres. Source: ISO/IEC 7810, ID-1 (CR-80).
const (
	cardWidth  = 85.60
	cardHeight = 53.98
	margin     = 4
	bandHeight = 9

	photoTop    = 12
	photoWidth  = 20
	photoHeight = 25

	numberSide = 13.2 // of the QR code with the insurance number
	numberTop  = 38.4
	tokenSide  = 27.2 // of the QR code with the token
	textLeft   = 27
	textRight  = cardWidth - tokenSide - 1.2
	nameTop    = 16
	fieldsTop  = 26.6
	fieldStep  = 6.7
)

// The colours of a card.
var (
	ink   = drawing.Color{}
	grey  = drawing.Color{R: 96, G: 96, B: 96}
	pale  = drawing.Color{R: 228, G: 232, B: 230}
	shade = drawing.Color{R: 176, G: 186, B: 182}
	white = drawing.Color{R: 255, G: 255, B: 255}
	green = drawing.Color{R: 15, G: 82, B: 68}
)

// draw draws a card.
func (d *Desk) draw(c issued) (*drawing.Drawing, error) {
	labels := d.Settings.Labels.withDefaults()
	face := &drawing.Drawing{Width: cardWidth, Height: cardHeight, Title: labels.Number + " " + c.number}
	d.band(face, c.schemeName)
	c.portrait(face)
	if err := c.codes(face); err != nil {
		return nil, err
	}
	c.named(face)
	d.fields(face, c, labels)
	return face, nil
}

// onDot moves a length to the nearest dot, so that edges are sharp.
func onDot(v float64) float64 { return math.Round(v/drawing.Dot) * drawing.Dot }

// band draws the band with the name of the scheme.
func (d *Desk) band(face *drawing.Drawing, name string) {
	color := green
	if d.Settings.Color != nil {
		color = *d.Settings.Color
	}
	face.Fill(color, drawing.Path{}.Rectangle(0, 0, cardWidth, onDot(bandHeight)))
	face.Fill(white, lettering.Fit(name, 4.2, cardWidth-2*margin, lettering.Bold).Path(margin, 6))
}

// portrait draws the photo, or a figure where there is none that can be read.
func (c issued) portrait(face *drawing.Drawing) {
	x, y, w, h := onDot(margin), onDot(photoTop), onDot(photoWidth), onDot(photoHeight)
	if len(c.photo) > 0 {
		if p, err := drawing.NewPicture(c.photo, x, y, w, h); err == nil {
			face.Place(p)
			return
		}
	}
	face.Fill(pale, drawing.Path{}.Rectangle(x, y, w, h))
	middle := x + w/2
	face.Fill(shade, round(middle, y+h*0.38, w*0.19))
	face.Fill(shade, drawing.Path{
		{Op: drawing.Move, To: drawing.Point{X: x + w*0.12, Y: y + h}},
		{Op: drawing.Curve, Control: drawing.Point{X: x + w*0.12, Y: y + h*0.60}, To: drawing.Point{X: middle, Y: y + h*0.60}},
		{Op: drawing.Curve, Control: drawing.Point{X: x + w*0.88, Y: y + h*0.60}, To: drawing.Point{X: x + w*0.88, Y: y + h}},
	})
}

// roundSteps is how many curves a circle is made of.
const roundSteps = 8

// round gives a circle.
func round(x, y, radius float64) drawing.Path {
	at := func(angle, r float64) drawing.Point {
		return drawing.Point{X: x + r*math.Cos(angle), Y: y + r*math.Sin(angle)}
	}
	step := 2 * math.Pi / roundSteps
	p := drawing.Path{{Op: drawing.Move, To: at(0, radius)}}
	for i := range roundSteps {
		from := float64(i) * step
		p = append(p, drawing.Segment{Op: drawing.Curve, Control: at(from+step/2, radius/math.Cos(step/2)), To: at(from+step, radius)})
	}
	return p
}

// codes draws the two QR codes.
func (c issued) codes(face *drawing.Drawing) error {
	number, err := drawing.NewQR(c.number)
	if err != nil {
		return refuse("Patient.identifier", "the insurance number is too long for a QR code")
	}
	signed, err := drawing.NewQR(token.Numeric(c.record.token))
	if err != nil {
		return refuse("", "the token is too long for a QR code that phones read; the operator can shorten the URL of the issuer or the code of the plan")
	}
	face.Fill(ink, number.Path(margin+(photoWidth-numberSide)/2, numberTop, numberSide))
	face.Fill(ink, signed.Path(cardWidth-tokenSide, cardHeight-tokenSide, tokenSide))
	return nil
}

// named draws the names.
func (c issued) named(face *drawing.Drawing) {
	y := float64(nameTop)
	for _, name := range c.names {
		face.Fill(ink, lettering.Fit(name, 4.8, cardWidth-textLeft-margin, lettering.Bold).Path(textLeft, y))
		y += 6.4
	}
}

// A field is a label with what it is of.
type field struct{ label, value string }

// fields draws what else the card says.
func (d *Desk) fields(face *drawing.Drawing, c issued, l Labels) {
	plan := c.planName
	if plan == "" {
		plan = c.planCode
	}
	until := c.until.AddDate(0, 0, -1).In(d.Zone).Format(time.DateOnly)
	rows := []field{{l.Number, c.number}}
	if born := d.born(c, l); born.value != "" {
		rows = append(rows, born)
	}
	if plan != "" {
		rows = append(rows, field{l.Plan, plan})
	}
	rows = append(rows, field{l.Valid, fmt.Sprintf("%s – %s", c.start, until)})
	for i, row := range rows {
		y := fieldsTop + float64(i)*fieldStep
		face.Fill(grey, lettering.Fit(row.label, 2.1, textRight-textLeft, lettering.Regular).Path(textLeft, y))
		face.Fill(ink, lettering.Fit(row.value, 3.1, textRight-textLeft, lettering.Bold).Path(textLeft, y+3.4))
	}
	face.Fill(grey, lettering.Fit(l.Card+" "+c.record.card.ID, 1.8, textRight-textLeft, lettering.Regular).Path(textLeft, cardHeight-1.6))
}

// born gives birth date and sex as far as the scheme shows them.
func (d *Desk) born(c issued, l Labels) field {
	f := field{l.Born, c.birthDate}
	if d.Settings.HideBirthDate {
		f = field{}
	}
	sex := l.sex(c.gender)
	switch {
	case d.Settings.HideSex || sex == "":
	case f.value == "":
		f = field{l.Sex, sex}
	default:
		f = field{f.label + " · " + l.Sex, f.value + " · " + sex}
	}
	return f
}
