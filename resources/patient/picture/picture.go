// Package picture reads photos of persons and makes thumbnails of them. Its doors
// are Look and Thumbnail.
package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // a format that photos come in
)

const (
	// pixelsMax bounds the memory a photo takes: 24 megapixels are some 100 MB.
	pixelsMax = 24_000_000
	// side is the longer side of a thumbnail, in pixels.
	side = 160
	// quality is that of a thumbnail as JPEG, of 100.
	quality = 80
)

// The reasons for which a photo is not taken.
var (
	ErrFormat = errors.New("it is neither JPEG nor PNG")
	ErrLarge  = errors.New("it has more than 24 million pixels")
)

// Look gives the media type of a photo without unpacking it.
func Look(data []byte) (mediaType string, err error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || format != "jpeg" && format != "png" {
		return "", ErrFormat
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > pixelsMax/config.Height {
		return "", ErrLarge
	}
	return "image/" + format, nil
}

// Thumbnail makes a JPEG of at most 160 pixels a side, turned upright as the
// camera says. It fails where Look does, and where the photo is broken.
func Thumbnail(data []byte) ([]byte, error) {
	if _, err := Look(data); err != nil {
		return nil, err
	}
	photo, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, ErrFormat
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, turn(shrink(photo), orientation(data)), &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// shrink gives each pixel the mean of those it stands for, on white where the
// photo is transparent.
func shrink(photo image.Image) *image.RGBA {
	b := photo.Bounds()
	w, h := b.Dx(), b.Dy()
	long := max(w, h)
	tw, th := w, h
	if long > side {
		tw, th = max(1, w*side/long), max(1, h*side/long)
	}
	small := image.NewRGBA(image.Rect(0, 0, tw, th))
	for y := range th {
		for x := range tw {
			small.SetRGBA(x, y, mean(photo, image.Rect(
				b.Min.X+x*w/tw, b.Min.Y+y*h/th, b.Min.X+(x+1)*w/tw, b.Min.Y+(y+1)*h/th,
			)))
		}
	}
	return small
}

func mean(photo image.Image, of image.Rectangle) color.RGBA {
	var red, green, blue, n uint64
	for y := of.Min.Y; y < of.Max.Y; y++ {
		for x := of.Min.X; x < of.Max.X; x++ {
			r, g, b, a := photo.At(x, y).RGBA()
			white := uint64(0xffff - a)
			red, green, blue, n = red+uint64(r)+white, green+uint64(g)+white, blue+uint64(b)+white, n+1
		}
	}
	n = max(n, 1)
	return color.RGBA{byte(red / n >> 8), byte(green / n >> 8), byte(blue / n >> 8), 0xff}
}

// turn turns a photo as an orientation of EXIF says; 1 is upright.
func turn(photo *image.RGBA, as int) *image.RGBA {
	if as < 2 || as > 8 {
		return photo
	}
	w, h := photo.Bounds().Dx(), photo.Bounds().Dy()
	size := image.Rect(0, 0, w, h)
	if as >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	turned := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch as {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			turned.SetRGBA(tx, ty, photo.RGBAAt(x, y))
		}
	}
	return turned
}
