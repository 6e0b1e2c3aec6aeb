package conformance

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// A Document is one of the forms in which the server tells what it can do. Its
// bytes are shared, nobody writes to them.
type Document struct {
	Body []byte // JSON
	// ETag is a weak entity tag: the same as long as the abilities are.
	ETag   string
	zipped func() []byte
}

// Zipped gives the Body as gzip, which is made once.
func (d *Document) Zipped() []byte { return d.zipped() }

// newDocument writes a value as JSON, with the date as its member where it is to
// have one. The tag leaves the date out.
func newDocument(content any, dated time.Time) *Document {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(content); err != nil {
		panic("conformance: a document of our own can't be written: " + err.Error())
	}
	d := DocumentOf(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	if !dated.IsZero() {
		d.Body = bytes.Replace(d.Body, []byte(dateMark), []byte(dated.UTC().Format(time.RFC3339)), 1)
	}
	return d
}

// DocumentOf gives a document of JSON that is written already. It keeps body.
func DocumentOf(body []byte) *Document {
	sum := fnv.New64a()
	_, _ = sum.Write(body) // it never fails
	d := &Document{Body: body, ETag: `W/"` + hex.EncodeToString(sum.Sum(nil)) + `"`}
	d.zipped = sync.OnceValue(d.zip)
	return d
}

// dateMark stands in a document where its date belongs.
const dateMark = "0000-00-00"

func (d *Document) zip() []byte {
	var out bytes.Buffer
	// The level is one that exists, and writing to memory does not fail.
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = z.Write(d.Body)
	_ = z.Close()
	return out.Bytes()
}

// Documents hold the documents of a server and make them anew when the
// parameters it can be searched by, the topics or the profiles have changed. They
// are safe for concurrent use.
type Documents struct {
	facts func() Facts
	mu    sync.Mutex
	of    Parameters // what made was made of …
	about []string   // … and the topics …
	upon  uint64     // … and the edition of the profiles
	made  map[string]*Document
}

// NewDocuments gives the documents of the facts, which are asked for again with
// each document; they may differ in their Parameters, Topics and Profiles only.
func NewDocuments(facts func() Facts) *Documents { return &Documents{facts: facts} }

// Capabilities gives the CapabilityStatement, the whole ("" or "full") or its
// normative part, or the TerminologyCapabilities. It fails with an Outcome of
// IssueValue on another mode, and of IssueNotSupported where there is no
// terminology. Source: R4 http#capabilities.
func (d *Documents) Capabilities(mode Mode) (*Document, error) {
	if mode == "" {
		mode = ModeFull
	}
	switch mode {
	case ModeFull, ModeNormative:
		return d.document(string(mode), func(f Facts) any {
			s := statement(f, mode)
			s.Date = dateMark
			return s
		}), nil
	case ModeTerminology:
		if d.facts().Terminology == nil {
			return nil, fhir.Errorf(fhir.IssueNotSupported, "", "this server has no operations on codes")
		}
		return d.document(string(mode), func(f Facts) any {
			t := terminologyCapabilities(f)
			t.Date = dateMark
			return t
		}), nil
	}
	return nil, fhir.Errorf(fhir.IssueValue, "", "mode must be full, normative or terminology, not %.40q", string(mode))
}

// OpenAPI gives the description of the server in OpenAPI 3.1.
func (d *Documents) OpenAPI() *Document {
	return d.document("openapi", func(f Facts) any { return openAPI(f) })
}

// Definitions gives what the server serves of its own; see Definitions.
func (d *Documents) Definitions() []profiles.Definition { return Definitions(d.facts()) }

// document gives what is there, or makes it.
func (d *Documents) document(name string, write func(Facts) any) *Document {
	f := d.facts().withDefaults()
	d.mu.Lock()
	defer d.mu.Unlock()
	// The edition is read before the profiles are: what is written meanwhile is made anew.
	topics, edition := f.topics(), f.edition()
	if d.made == nil || d.of != f.Parameters || !slices.Equal(d.about, topics) || d.upon != edition {
		d.of, d.about, d.upon, d.made = f.Parameters, topics, edition, map[string]*Document{}
	}
	made, ok := d.made[name]
	if !ok {
		made = newDocument(write(f), f.Date)
		d.made[name] = made
	}
	return made
}
