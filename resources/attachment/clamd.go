package attachment

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Clamd is the Scanner that ClamAV's daemon is: by its INSTREAM command, over TCP
// or a Unix socket. Source: clamd(8).
type Clamd struct {
	Addr    string        // "host:3310", or the path of a socket
	Timeout time.Duration // of one scan; 0 is 30 s
}

// clamdChunk is how much is sent at a time. clamd reads chunks of any size up to
// its StreamMaxLength.
const clamdChunk = 64 << 10

// Scan implements Scanner.
func (c Clamd) Scan(ctx context.Context, data []byte) (string, error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	network := "tcp"
	if strings.HasPrefix(c.Addr, "/") {
		network = "unix"
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, c.Addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return "", err
		}
	}
	if err := stream(conn, data); err != nil {
		return "", err
	}
	reply, err := bufio.NewReader(conn).ReadString(0)
	if err != nil {
		return "", fmt.Errorf("clamd did not answer: %w", err)
	}
	return verdict(strings.TrimSuffix(reply, "\x00"))
}

// stream sends the data in chunks, each after its length, and a length of 0.
func stream(conn net.Conn, data []byte) error {
	w := bufio.NewWriter(conn)
	if _, err := w.WriteString("zINSTREAM\x00"); err != nil {
		return err
	}
	for len(data) > 0 {
		n := min(len(data), clamdChunk)
		if err := binary.Write(w, binary.BigEndian, uint32(n)); err != nil {
			return err
		}
		if _, err := w.Write(data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	if err := binary.Write(w, binary.BigEndian, uint32(0)); err != nil {
		return err
	}
	return w.Flush()
}

// verdict reads "stream: OK" and "stream: Eicar-Test-Signature FOUND".
func verdict(reply string) (string, error) {
	said := strings.TrimPrefix(reply, "stream: ")
	if said == "OK" {
		return "", nil
	}
	if name, ok := strings.CutSuffix(said, " FOUND"); ok {
		return name, nil
	}
	return "", errors.New("clamd said " + reply)
}
