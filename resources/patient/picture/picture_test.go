package picture_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"bima/resources/patient/picture"
)

// halves is a photo whose left half is red and whose right half is blue.
func halves(w, h int) image.Image {
	photo := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{0xff, 0, 0, 0xff}
			if x >= w/2 {
				c = color.RGBA{0, 0, 0xff, 0xff}
			}
			photo.SetRGBA(x, y, c)
		}
	}
	return photo
}

func asPNG(t testing.TB, photo image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, photo); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// asJPEG writes a photo with an orientation in its EXIF segment.
func asJPEG(t testing.TB, photo image.Image, orientation byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, photo, nil); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00"), orientation, 0, 0, 0, 0, 0, 0, 0)
	size := len(exif) + 2
	segment := append([]byte{0xff, 0xe1, byte(size >> 8), byte(size)}, exif...)
	return append(append([]byte{0xff, 0xd8}, segment...), out.Bytes()[2:]...)
}

func TestThumbnails(t *testing.T) {
	red := func(c color.Color) bool { r, _, b, _ := c.RGBA(); return r > 3*b }
	cases := []struct {
		name    string
		data    []byte
		w, h    int
		redLeft bool // whether the left edge is red; else the upper one is
		redNear bool // whether red is at the beginning of that side
	}{
		{"a wide photo", asPNG(t, halves(640, 320)), 160, 80, true, true},
		{"a high photo", asPNG(t, halves(100, 400)), 40, 160, true, true},
		{"a small one keeps its size", asPNG(t, halves(60, 40)), 60, 40, true, true},
		{"a camera held upright", asJPEG(t, halves(320, 160), 1), 160, 80, true, true},
		{"a camera on its head", asJPEG(t, halves(320, 160), 3), 160, 80, true, false},
		{"a camera on its side", asJPEG(t, halves(320, 160), 6), 80, 160, false, true},
		{"a camera on its other side", asJPEG(t, halves(320, 160), 8), 80, 160, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data, err := picture.Thumbnail(c.data)
			if err != nil {
				t.Fatal(err)
			}
			small, err := jpeg.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			b := small.Bounds()
			if b.Dx() != c.w || b.Dy() != c.h {
				t.Fatalf("it is %d × %d, want %d × %d", b.Dx(), b.Dy(), c.w, c.h)
			}
			near, far := small.At(b.Dx()/2, 4), small.At(b.Dx()/2, b.Dy()-5)
			if c.redLeft {
				near, far = small.At(4, b.Dy()/2), small.At(b.Dx()-5, b.Dy()/2)
			}
			if red(near) != c.redNear || red(far) == c.redNear {
				t.Errorf("its sides are %v and %v", near, far)
			}
		})
	}
}

func TestWhatIsNoPhotoIsRefused(t *testing.T) {
	var moving bytes.Buffer
	if err := gif.Encode(&moving, halves(8, 8), nil); err != nil {
		t.Fatal(err)
	}
	huge := bytes.Clone(asPNG(t, halves(8, 8)))
	copy(huge[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65,536 × 65,536
	cases := []struct {
		name string
		data []byte
		want error
	}{
		{"text", []byte("hello"), picture.ErrFormat},
		{"nothing", nil, picture.ErrFormat},
		{"a GIF", moving.Bytes(), picture.ErrFormat},
		{"half a photo", asPNG(t, halves(80, 80))[:60], picture.ErrFormat},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := picture.Thumbnail(c.data); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	if _, err := picture.Look(huge); err == nil {
		t.Error("a photo of four thousand million pixels is taken")
	}
}

func FuzzThumbnail(f *testing.F) {
	f.Add(asPNG(f, halves(4, 4)))
	f.Add(asJPEG(f, halves(4, 4), 6))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 8, 'E', 'x', 'i', 'f', 0, 0})
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = picture.Thumbnail(data) // it must end, and not panic
	})
}
