package drawing_test

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"bima/resources/print/drawing"
)

// face gives a drawing of the size of a card: a red square of 100 dots at 200
// dots from the left and 100 from the top, and a half circle of curves.
func face(t testing.TB) *drawing.Drawing {
	t.Helper()
	d := &drawing.Drawing{Width: 85.60, Height: 53.98, Title: `Asha & "Juma"`}
	d.Fill(drawing.Color{R: 255}, drawing.Path{}.Rectangle(200*drawing.Dot, 100*drawing.Dot, 100*drawing.Dot, 100*drawing.Dot))
	d.Fill(drawing.Color{B: 255}, drawing.Path{
		{Op: drawing.Move, To: drawing.Point{X: 40, Y: 30}},
		{Op: drawing.Curve, Control: drawing.Point{X: 50, Y: 10}, To: drawing.Point{X: 60, Y: 30}},
	})
	picture, err := drawing.NewPicture(photo(t, 400, 300), 62, 25, 20, 25)
	if err != nil {
		t.Fatal(err)
	}
	d.Place(picture)
	return d
}

// photo gives a JPEG that is green in its middle and grey at its sides.
func photo(t testing.TB, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{128, 128, 128, 255}
			if x > width/3 && x < width*2/3 {
				c = color.RGBA{0, 200, 0, 255}
			}
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPNGIsThatOfAPrinter(t *testing.T) {
	file, err := face(t).PNG()
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if size := m.Bounds().Size(); size != image.Pt(1011, 638) {
		t.Errorf("it has %v dots, want 1011 × 638: 85.60 × 53.98 mm at 300 to the inch", size)
	}
	if !bytes.Contains(file[:64], []byte("pHYs\x00\x00\x2e\x23\x00\x00\x2e\x23\x01")) {
		t.Error("it does not say 11811 dots a metre")
	}
	white, red, blue := color.RGBA{255, 255, 255, 255}, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}
	for at, want := range map[image.Point]color.RGBA{
		{199, 150}: white, {200, 150}: red, {299, 150}: red, {300, 150}: white,
		{250, 99}: white, {250, 100}: red, {250, 199}: red, {250, 200}: white,
		{591, 300}: blue, {591, 230}: white, {0, 0}: white, {1010, 637}: white,
	} {
		if got := color.RGBAModel.Convert(m.At(at.X, at.Y)); got != want {
			t.Errorf("the dot at %v is %v, want %v", at, got, want)
		}
	}
	if r, g, _, _ := m.At(850, 440).RGBA(); g < 0x9000 || r > 0x5000 {
		t.Errorf("the middle of the photo is not green")
	}
}

func TestAnSVGNeedsNothingElse(t *testing.T) {
	file := face(t).SVG()
	for decoder := xml.NewDecoder(bytes.NewReader(file)); ; {
		if _, err := decoder.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v in %s", err, file)
		}
	}
	for _, want := range []string{
		`width="85.6mm" height="53.98mm" viewBox="0 0 85.6 53.98"`, `Asha &amp; &#34;Juma&#34;`,
		`fill="#ff0000" d="M16.933 8.467H25.4V16.933H16.933Z"`, `d="M40 30Q50 10 60 30Z"`, `href="data:image/jpeg;base64,`,
	} {
		if !strings.Contains(string(file), want) {
			t.Errorf("it lacks %s", want)
		}
	}
	if strings.Contains(strings.ReplaceAll(string(file), `xmlns="http://www.w3.org/2000/svg"`, ""), "http") {
		t.Error("it refers to something elsewhere")
	}
}

func TestPDFs(t *testing.T) {
	cases := []struct {
		name  string
		sheet drawing.Sheet
		cards int
		pages int
	}{
		{"one card is a page of its size", drawing.SheetOwn, 1, 1},
		{"three cards are three pages", drawing.SheetOwn, 3, 3},
		{"ten cards fill an A4 sheet", drawing.SheetA4, 10, 1},
		{"the eleventh begins another", drawing.SheetA4, 11, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, made := face(t), time.Date(2026, 1, 6, 9, 0, 0, 0, time.UTC)
			write := func() []byte {
				p := drawing.NewPDF(c.sheet, "Cards", made)
				for range c.cards {
					p.Add(d)
				}
				file, err := p.Bytes()
				if err != nil {
					t.Fatal(err)
				}
				return file
			}
			file := write()
			if pages := bytes.Count(file, []byte("/Type /Page\n")); pages != c.pages {
				t.Errorf("it has %d pages, want %d", pages, c.pages)
			}
			if c.sheet == drawing.SheetOwn {
				if sized := bytes.Count(file, []byte("/MediaBox [0 0 242.65 153.01]")); sized != c.pages {
					t.Errorf("%d of the pages are of the size of a card", sized)
				}
			} else if !bytes.Contains(file, []byte("/MediaBox [0 0 595.28 841.89]")) {
				t.Error("the pages are not A4")
			}
			if !bytes.Equal(file, write()) {
				t.Error("the same cards give other bytes the second time")
			}
		})
	}
}

func TestPhotosThatCanNotBeUsed(t *testing.T) {
	good := photo(t, 40, 50)
	huge := append([]byte(nil), good...)
	// The height and width of the frame, after SOF0's length and precision.
	at := bytes.Index(huge, []byte{0xff, 0xc0}) + 5
	copy(huge[at:], []byte{0xff, 0xff, 0xff, 0xff})
	cases := []struct {
		name string
		file []byte
	}{
		{"nothing", nil},
		{"a text", []byte("not a photo")},
		{"one that is cut off", good[:len(good)/2]},
		{"one that says it has 65535 × 65535 dots", huge},
		{"one of too many bytes", append(bytes.Clone(good), make([]byte, 9<<20)...)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := drawing.NewPicture(c.file, 0, 0, 20, 25); err == nil {
				t.Error("it is taken")
			}
		})
	}
	for _, size := range []image.Point{{1, 1}, {1, 900}, {900, 1}, {1200, 900}} {
		p, err := drawing.NewPicture(photo(t, size.X, size.Y), 0, 0, 20, 25)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Image.Bounds().Size(); got != image.Pt(236, 295) || len(p.JPEG) > 60_000 {
			t.Errorf("a photo of %v becomes %v, %d bytes", size, got, len(p.JPEG))
		}
	}
}

func TestQRCodes(t *testing.T) {
	cases := []struct {
		name, text string
		version    int
	}{
		{"an insurance number is the smallest code", "070100001018", 1},
		{"digits after a prefix take the room of digits", "shc:/" + strings.Repeat("56", 320), 12},
		{"a long token has less correction", "shc:/" + strings.Repeat("56", 800), 18},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, err := drawing.NewQR(c.text)
			if err != nil || code.Version != c.version {
				t.Fatalf("got version %d, %v, want %d", code.Version, err, c.version)
			}
			for _, s := range code.Path(10, 20, 27.2) {
				if s.To.X < 10 || s.To.X > 37.2 || s.To.Y < 20 || s.To.Y > 47.2 {
					t.Fatalf("it draws at %v, outside its square", s.To)
				}
			}
		})
	}
	if _, err := drawing.NewQR("shc:/" + strings.Repeat("56", 2000)); err == nil {
		t.Error("a text that phones can't read is taken")
	}
}

func FuzzNewPicture(f *testing.F) {
	f.Add(photo(f, 8, 10))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if size, _, err := image.DecodeConfig(bytes.NewReader(file)); err == nil && size.Width*size.Height > 1_000_000 {
			t.Skip("slow")
		}
		if p, err := drawing.NewPicture(file, 0, 0, 20, 25); err == nil && p.Image.Bounds().Size() != image.Pt(236, 295) {
			t.Errorf("it is %v", p.Image.Bounds())
		}
	})
}

func BenchmarkPDF(b *testing.B) {
	d := face(b)
	b.ReportAllocs()
	for b.Loop() {
		p := drawing.NewPDF(drawing.SheetA4, "Cards", time.Time{})
		for range 10 {
			p.Add(d)
		}
		if _, err := p.Bytes(); err != nil {
			b.Fatal(err)
		}
	}
}
