package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"strings"
	"time"
)

// A Message is an e-mail without its addresses.
type Message struct {
	ID      string // the same for the same message sent twice, without the angle brackets
	At      time.Time
	Subject string
	Text    string // plain, its lines end with \n
	Files   []File
}

// A File is attached to a Message.
type File struct {
	Name, Media string
	Body        []byte
}

// boundary divides the parts of a message; base64 never holds it, and lines of the
// text don't begin with it.
const boundary = "=_bima_part"

// Bytes writes the message as it is sent. Source: RFC 5322 and 2045.
func (m Message) Bytes(from, to string) []byte {
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, oneLine(value)) }
	header("From", from)
	header("To", to)
	header("Date", m.At.Format(time.RFC1123Z))
	header("Message-ID", "<"+m.ID+">")
	header("Subject", mime.QEncoding.Encode("utf-8", oneLine(m.Subject)))
	header("Auto-Submitted", "auto-generated")
	header("MIME-Version", "1.0")
	if len(m.Files) == 0 {
		part(&b, "text/plain; charset=utf-8", "", []byte(m.Text))
		return b.Bytes()
	}
	header("Content-Type", `multipart/mixed; boundary="`+boundary+`"`)
	b.WriteString("\r\n--" + boundary + "\r\n")
	part(&b, "text/plain; charset=utf-8", "", []byte(m.Text))
	for _, f := range m.Files {
		b.WriteString("--" + boundary + "\r\n")
		part(&b, f.Media, f.Name, f.Body)
	}
	b.WriteString("--" + boundary + "--\r\n")
	return b.Bytes()
}

// oneLine keeps a value from becoming two headers.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}

// part writes one part in base64, so that no server on the way changes a byte.
func part(b *bytes.Buffer, media, name string, body []byte) {
	fmt.Fprintf(b, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n", oneLine(media))
	if name != "" {
		fmt.Fprintf(b, "Content-Disposition: attachment; filename=%q\r\n", oneLine(name))
	}
	b.WriteString("\r\n")
	const line = 57 // bytes that make 76 characters
	for len(body) > 0 {
		n := min(line, len(body))
		b.WriteString(base64.StdEncoding.EncodeToString(body[:n]))
		b.WriteString("\r\n")
		body = body[n:]
	}
}
