package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"bima/fhir"
)

const (
	// linesTogether is how many lines of an NDJSON file go in one transaction.
	linesTogether = 100
	// loadersAtOnce is how many transactions are under way.
	loadersAtOnce = 4
	// lineMax is the longest line, in bytes.
	lineMax = 64 << 20
)

// A chunk is some lines of an NDJSON file that are sent as one transaction.
type chunk struct {
	numbers []int // of the lines, from 1
	lines   [][]byte
}

// An errLine is why a line was not stored.
type errLine struct {
	number int
	err    error
}

func (e *errLine) Error() string { return fmt.Sprintf("line %d: %v", e.number, e.err) }
func (e *errLine) Unwrap() error { return e.err }

// lines sends an NDJSON file, several transactions at once, and gives the number
// of resources sent. The lines of a file must not need each other: what others
// refer to belongs in a file before. When a line is refused it says from which
// one to go on: whatever comes before that one has been stored.
func (l loader) lines(ctx context.Context, name string, from int) (int, error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	chunks := make(chan chunk)
	var refused refusal
	var group sync.WaitGroup
	for range loadersAtOnce {
		group.Go(func() {
			for c := range chunks {
				refused.add(l.chunk(ctx, c))
			}
		})
	}
	sent, readErr := eachChunk(file, from, func(c chunk) bool {
		if refused.first() != nil {
			return false
		}
		chunks <- c
		return true
	})
	close(chunks)
	group.Wait()
	if first := refused.first(); first != nil {
		return sent, fmt.Errorf("%w\nWhen it is put right, go on with --from %s:%d", first, name, first.number)
	}
	return sent, readErr
}

// A refusal keeps the refused line that comes first in the file.
type refusal struct {
	mu   sync.Mutex
	line *errLine
}

func (r *refusal) add(line *errLine) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if line != nil && (r.line == nil || line.number < r.line.number) {
		r.line = line
	}
}

func (r *refusal) first() *errLine {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.line
}

// eachChunk reads the lines of a file from a line on, empty ones left out, and
// sends them until send says no. It gives the number of lines sent.
func eachChunk(file io.Reader, from int, send func(chunk) bool) (sent int, _ error) {
	text := bufio.NewScanner(file)
	text.Buffer(make([]byte, 0, 1<<16), lineMax)
	var c chunk
	for number := 1; text.Scan(); number++ {
		line := bytes.TrimSpace(text.Bytes())
		if len(line) == 0 || number < from {
			continue
		}
		c.numbers, c.lines = append(c.numbers, number), append(c.lines, bytes.Clone(line))
		if len(c.lines) < linesTogether {
			continue
		}
		if !send(c) {
			return sent, nil
		}
		sent, c = sent+len(c.lines), chunk{}
	}
	if err := text.Err(); err != nil {
		return sent, err
	}
	if len(c.lines) > 0 && send(c) {
		sent += len(c.lines)
	}
	return sent, nil
}

// chunk sends lines as one transaction. When that is refused it sends them one by
// one, so that all before the one at fault are stored and it is named.
func (l loader) chunk(ctx context.Context, c chunk) *errLine {
	body, refused := transactionOf(c)
	if refused == nil {
		if _, err := l.bundle(ctx, body, len(c.lines)); err == nil {
			return nil
		}
	}
	for i, line := range c.lines {
		if _, err := l.resource(ctx, line); err != nil {
			return &errLine{number: c.numbers[i], err: err}
		}
	}
	return nil
}

// transactionOf makes the transaction that puts each line under its id, or
// creates what has none.
func transactionOf(c chunk) ([]byte, error) {
	b := []byte(`{"resourceType":"Bundle","type":"transaction","entry":[`)
	for i, line := range c.lines {
		doc, err := fhir.Parse(line)
		if err != nil {
			return nil, err
		}
		root := doc.Root()
		typ, id := root.Get("resourceType").Text(), root.Get("id").Text()
		doc.Release()
		method, url := "PUT", typ+"/"+id
		if id == "" {
			method, url = "POST", typ
		}
		quoted, err := json.Marshal(url)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"resource":%s,"request":{"method":"%s","url":%s}}`, line, method, quoted)
	}
	return append(b, "]}"...), nil
}
