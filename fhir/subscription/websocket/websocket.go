// Package websocket is the server's side of RFC 6455: short texts both ways on a
// connection that a request has opened. It knows no extensions and no binary
// messages.
//
// The door is Accept; a Conn is read by one goroutine and written by any.
package websocket

import (
	"bufio"
	"crypto/sha1" // as RFC 6455 says; nothing is kept safe by it
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// Limits bound a Conn. A zero field means its default.
type Limits struct {
	Message int           // the longest text that is read, in bytes; 4 KiB
	Idle    time.Duration // how long the other side may say nothing, not even a pong; 75 s
	Write   time.Duration // how long it may take to read what is written; 10 s
}

func (l Limits) orDefault() Limits {
	if l.Message <= 0 {
		l.Message = 4 << 10
	}
	if l.Idle <= 0 {
		l.Idle = 75 * time.Second
	}
	if l.Write <= 0 {
		l.Write = 10 * time.Second
	}
	return l
}

// A Status says why a connection is closed. Source: RFC 6455, 7.4.1.
type Status uint16

// The statuses used here.
const (
	StatusNormal      Status = 1000
	StatusGoingAway   Status = 1001
	StatusProtocol    Status = 1002
	StatusUnsupported Status = 1003
	StatusInvalid     Status = 1007
	StatusPolicy      Status = 1008
	StatusTooBig      Status = 1009
	StatusTryLater    Status = 1013
)

// The kinds of frames. Source: RFC 6455, 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xa
)

// A Conn is a connection that was opened.
type Conn struct {
	conn    net.Conn
	in      *bufio.Reader
	limits  Limits
	write   sync.Mutex
	closed  bool        // whether the last frame was written
	leaving atomic.Bool // whether it is about to be
}

// ErrClosed is what Read gives once the other side has closed the connection.
var ErrClosed = errors.New("the connection was closed")

// errProtocol is a mistake of the other side, which is told its status.
type errProtocol struct {
	status Status
	reason string
}

// Error implements error.
func (e *errProtocol) Error() string { return e.reason }

// Wanted reports whether a request wants a WebSocket.
func Wanted(r *http.Request) bool {
	return has(r.Header.Values("Connection"), "upgrade") && has(r.Header.Values("Upgrade"), "websocket")
}

// has looks for a word in the values of a header.
func has(values []string, word string) bool {
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(part), word) {
				return true
			}
		}
	}
	return false
}

// accepted gives the answer to a key. Source: RFC 6455, 4.2.2.
func accepted(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Accept takes the connection of a request over. Where the request is wrong it says
// with which status of HTTP to answer; after a status of 0 nothing can be answered.
func Accept(w http.ResponseWriter, r *http.Request, l Limits) (c *Conn, status int, err error) {
	key := r.Header.Get("Sec-WebSocket-Key")
	nonce, bad := base64.StdEncoding.DecodeString(key)
	switch {
	case r.Method != http.MethodGet || !Wanted(r):
		return nil, http.StatusUpgradeRequired, errors.New("only a WebSocket is served here: send Connection: Upgrade and Upgrade: websocket")
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		return nil, http.StatusUpgradeRequired, errors.New("Sec-WebSocket-Version is 13")
	case bad != nil || len(nonce) != 16:
		return nil, http.StatusBadRequest, errors.New("Sec-WebSocket-Key is 16 bytes in base64")
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, http.StatusUpgradeRequired, errors.New("a WebSocket needs a connection of HTTP/1.1 of its own")
	}
	c = &Conn{conn: conn, in: buffered.Reader, limits: l.orDefault()}
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accepted(key) + "\r\n\r\n"
	if err := c.send([]byte(answer)); err != nil {
		return nil, 0, errors.Join(err, conn.Close())
	}
	return c, 0, nil
}

// send writes bytes in time.
func (c *Conn) send(b []byte) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(c.limits.Write)); err != nil {
		return err
	}
	if c.leaving.Load() { // asked for after that was set, so that Close shortens it or this does
		if err := c.hurry(); err != nil {
			return err
		}
	}
	_, err := c.conn.Write(b)
	return err
}

// frame writes one frame. What a server sends is not masked. Source: RFC 6455, 5.1.
func (c *Conn) frame(op byte, body []byte) error {
	b := make([]byte, 0, len(body)+10)
	b = append(b, 0x80|op)
	switch n := len(body); {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	c.write.Lock()
	defer c.write.Unlock()
	if c.closed {
		return ErrClosed
	}
	c.closed = op == opClose
	return c.send(append(b, body...))
}

// Write sends a text.
func (c *Conn) Write(text string) error { return c.frame(opText, []byte(text)) }

// Ping asks the other side whether it is there; Read takes the answer.
func (c *Conn) Ping() error { return c.frame(opPing, nil) }

// farewell is how long the other side may take to read what it was sent before, and
// why the connection ends.
const farewell = time.Second

// hurry bounds what is being written by farewell.
func (c *Conn) hurry() error {
	return c.conn.SetWriteDeadline(time.Now().Add(min(c.limits.Write, farewell)))
}

// Close says why the connection ends, and ends it. Who does not read is not waited
// for.
func (c *Conn) Close(status Status, reason string) {
	c.leaving.Store(true)
	_ = c.hurry() // what is being written, if anything is
	body := binary.BigEndian.AppendUint16(nil, uint16(status))
	_ = c.frame(opClose, append(body, reason[:min(len(reason), 120)]...)) // who does not hear it sees the end
	_ = c.conn.Close()
}

// Read gives the next text. It answers pings, and a close with ErrClosed; a mistake
// of the other side closes the connection.
func (c *Conn) Read() (string, error) {
	text, err := c.read()
	var wrong *errProtocol
	if errors.As(err, &wrong) {
		c.Close(wrong.status, wrong.reason)
	}
	return text, err
}

func (c *Conn) read() (string, error) {
	var text []byte
	begun := false
	for {
		h, err := c.head(len(text))
		if err != nil {
			return "", err
		}
		body, err := c.body(h)
		if err != nil {
			return "", err
		}
		switch h.op {
		case opText, opContinuation:
			if (h.op == opContinuation) != begun {
				return "", &errProtocol{StatusProtocol, "a message begins or goes on out of turn"}
			}
			begun, text = true, append(text, body...)
			if !h.last {
				continue
			}
			if !utf8.Valid(text) {
				return "", &errProtocol{StatusInvalid, "a text is UTF-8"}
			}
			return string(text), nil
		default:
			if err := c.control(h.op, body); err != nil {
				return "", err
			}
		}
	}
}

// control answers what is not part of a message.
func (c *Conn) control(op byte, body []byte) error {
	switch op {
	case opPing:
		return c.frame(opPong, body)
	case opPong:
		return nil
	case opClose:
		status := StatusNormal
		if len(body) == 1 || len(body) > 1 && !utf8.Valid(body[2:]) {
			status = StatusProtocol
		}
		c.Close(status, "")
		return ErrClosed
	}
	if op == opBinary {
		return &errProtocol{StatusUnsupported, "only texts are read here"}
	}
	return &errProtocol{StatusProtocol, "the kind of a frame is not known"}
}

// A head is what a frame begins with.
type head struct {
	last bool
	op   byte
	size int
	mask [4]byte
}

// head reads the head of a frame, which may be so long beside what was read of its
// message. Source: RFC 6455, 5.2 and 5.5.
func (c *Conn) head(read int) (h head, err error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(c.limits.Idle)); err != nil {
		return h, err
	}
	var b [8]byte
	if _, err := io.ReadFull(c.in, b[:2]); err != nil {
		return h, err
	}
	h.last, h.op = b[0]&0x80 != 0, b[0]&0xf
	size, control := uint64(b[1]&0x7f), b[0]&0x8 != 0
	switch {
	case b[0]&0x70 != 0:
		return h, &errProtocol{StatusProtocol, "no extension was agreed on"}
	case b[1]&0x80 == 0:
		return h, &errProtocol{StatusProtocol, "what a client sends is masked"}
	case control && (size > 125 || !h.last):
		return h, &errProtocol{StatusProtocol, "a control frame is short and whole"}
	case size == 126:
		if _, err := io.ReadFull(c.in, b[:2]); err != nil {
			return h, err
		}
		size = uint64(binary.BigEndian.Uint16(b[:2]))
	case size == 127:
		if _, err := io.ReadFull(c.in, b[:8]); err != nil {
			return h, err
		}
		size = binary.BigEndian.Uint64(b[:8])
	}
	if !control && size > uint64(c.limits.Message-read) {
		return h, &errProtocol{StatusTooBig, "the message is too long"}
	}
	h.size = int(size)
	_, err = io.ReadFull(c.in, h.mask[:])
	return h, err
}

// body reads the rest of a frame.
func (c *Conn) body(h head) ([]byte, error) {
	b := make([]byte, h.size)
	if _, err := io.ReadFull(c.in, b); err != nil {
		return nil, err
	}
	for i := range b {
		b[i] ^= h.mask[i%4]
	}
	return b, nil
}
