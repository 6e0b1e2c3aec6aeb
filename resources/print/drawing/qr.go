package drawing

import (
	"errors"
	"math"

	"github.com/skip2/go-qrcode"
)

// quietModules is how wide the white border of a QR code is. Source: ISO/IEC
// 18004, 6.3.8.
const quietModules = 4

// qrVersionMax is the largest code that cheap phones read well: 105 modules, the
// limit that SMART Health Cards keep.
const qrVersionMax = 22

// qrRobustVersionMax is up to which size a code gets the better error correction.
const qrRobustVersionMax = 13

// ErrQR says that a text is too long for a QR code that phones read well.
var ErrQR = errors.New("the text is too long for a QR code of version 22")

// A QR is a code of modules that are dark or not, without its border.
type QR struct {
	Version int
	modules [][]bool
}

// NewQR encodes a text, digits as digits: with error correction M, or L where
// that would make it large. It fails with ErrQR.
func NewQR(text string) (*QR, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil || code.VersionNumber > qrRobustVersionMax {
		if code, err = qrcode.New(text, qrcode.Low); err != nil || code.VersionNumber > qrVersionMax {
			return nil, ErrQR
		}
	}
	code.DisableBorder = true
	return &QR{Version: code.VersionNumber, modules: code.Bitmap()}, nil
}

// Path draws the code within a square, in its middle, with its border. Modules
// are whole dots, so that a PNG of it is sharp.
func (q *QR) Path(x, y, side float64) Path {
	n := len(q.modules)
	module := math.Floor(side/float64(n+2*quietModules)/Dot) * Dot
	if module == 0 {
		module = side / float64(n+2*quietModules)
	}
	margin := (side - float64(n)*module) / 2
	left, top := math.Round((x+margin)/Dot)*Dot, math.Round((y+margin)/Dot)*Dot
	var p Path
	for row, modules := range q.modules {
		for from := 0; from < n; from++ {
			to := from
			for to < n && modules[to] {
				to++
			}
			if to > from {
				p = p.Rectangle(left+float64(from)*module, top+float64(row)*module, float64(to-from)*module, module)
				from = to
			}
		}
	}
	return p
}
