package drawing

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// SVG gives the drawing as a file of its own size, which needs nothing else.
func (d *Drawing) SVG() []byte {
	var b strings.Builder
	w, h := decimal(d.Width), decimal(d.Height)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%smm" height="%smm" viewBox="0 0 %s %s" role="img">`+"\n<title>", w, h, w, h)
	// Writing to a strings.Builder never fails.
	_ = xml.EscapeText(&b, []byte(d.Title))
	fmt.Fprintf(&b, "</title>\n"+`<path fill="#ffffff" d="M0 0H%sV%sH0Z"/>`+"\n", w, h)
	for _, item := range d.Items {
		if p := item.Picture; p != nil {
			fmt.Fprintf(&b, `<image x="%s" y="%s" width="%s" height="%s" href="data:image/jpeg;base64,%s"/>`+"\n",
				decimal(p.X), decimal(p.Y), decimal(p.Width), decimal(p.Height), base64.StdEncoding.EncodeToString(p.JPEG))
			continue
		}
		fmt.Fprintf(&b, `<path fill="#%02x%02x%02x" d="`, item.Color.R, item.Color.G, item.Color.B)
		outline(&b, item.Path)
		b.WriteString("\"/>\n")
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// outline writes a path as SVG's path data. Source: SVG 1.1, 8.3.
func outline(b *strings.Builder, p Path) {
	var from Point
	for i, s := range p {
		to := s.To
		switch {
		case s.Op == Move:
			if i > 0 {
				b.WriteByte('Z')
			}
			b.WriteString("M" + decimal(to.X) + " " + decimal(to.Y))
		case s.Op == Curve:
			b.WriteString("Q" + decimal(s.Control.X) + " " + decimal(s.Control.Y) + " " + decimal(to.X) + " " + decimal(to.Y))
		case to.Y == from.Y:
			b.WriteString("H" + decimal(to.X))
		case to.X == from.X:
			b.WriteString("V" + decimal(to.Y))
		default:
			b.WriteString("L" + decimal(to.X) + " " + decimal(to.Y))
		}
		from = to
	}
	b.WriteByte('Z')
}

// decimal writes a length to a micrometre.
func decimal(v float64) string {
	return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64)
}
