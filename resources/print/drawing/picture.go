package drawing

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // photos come as JPEG or PNG
	"math"

	"golang.org/x/image/draw"
)

// A Picture is a photo in its place, cut to the shape of its frame.
type Picture struct {
	X, Y, Width, Height float64
	Image               image.Image
	JPEG                []byte // of Image
}

const (
	// pictureBytesMax is the largest photo that is read: 8 MiB, that of a good phone.
	pictureBytesMax = 8 << 20
	// picturePixelsMax bounds what it unfolds to: 16 megapixels.
	picturePixelsMax = 16_000_000
	// jpegQuality keeps a photo of a card near 15 KB.
	jpegQuality = 85
)

// errPicture says that a photo can't be used.
var errPicture = errors.New("the photo is no JPEG or PNG of at most 8 MiB and 16 megapixels")

// NewPicture reads a photo, JPEG or PNG, and cuts and scales it to a frame. It
// fails where the photo is not one of these or too large.
func NewPicture(photo []byte, x, y, width, height float64) (*Picture, error) {
	if len(photo) > pictureBytesMax {
		return nil, errPicture
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(photo))
	if err != nil || size.Width < 1 || size.Height < 1 || size.Width > picturePixelsMax/size.Height {
		return nil, errPicture
	}
	source, _, err := image.Decode(bytes.NewReader(photo))
	if err != nil {
		return nil, errPicture
	}
	frame := image.NewRGBA(image.Rect(0, 0, dots(width), dots(height)))
	draw.Draw(frame, frame.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.BiLinear.Scale(frame, frame.Bounds(), source, middle(source.Bounds(), width/height), draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, frame, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, err
	}
	return &Picture{X: x, Y: y, Width: width, Height: height, Image: frame, JPEG: out.Bytes()}, nil
}

// dots gives a length in pixels.
func dots(millimetres float64) int { return int(math.Round(millimetres / Dot)) }

// middle gives the largest part of the shape in the middle of a picture, a
// little above it where the picture is taller: there faces are.
func middle(r image.Rectangle, shape float64) image.Rectangle {
	w, h := float64(r.Dx()), float64(r.Dy())
	if w/h > shape {
		cut := int((w - h*shape) / 2)
		return image.Rect(r.Min.X+cut, r.Min.Y, r.Max.X-cut, r.Max.Y)
	}
	cut := int(h - w/shape)
	return image.Rect(r.Min.X, r.Min.Y+cut/3, r.Max.X, r.Max.Y-(cut-cut/3))
}
