package attachment_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/attachment"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

// eicar is the file that every virus scanner takes for a virus, to be tried with.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// clamd answers like ClamAV's daemon, which finds only eicar, until the test ends.
func clamd(t *testing.T, most int) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				fmt.Fprintf(conn, "%s\x00", scanned(conn, most))
			}()
		}
	}()
	return listener.Addr().String()
}

// scanned reads what is streamed. Source: clamd(8), INSTREAM.
func scanned(r io.Reader, most int) string {
	command := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(r, command); err != nil || string(command) != "zINSTREAM\x00" {
		return "UNKNOWN COMMAND"
	}
	var data []byte
	for {
		var size uint32
		if err := binary.Read(r, binary.BigEndian, &size); err != nil {
			return "stream: read error ERROR"
		}
		if size == 0 {
			break
		}
		if len(data)+int(size) > most {
			return "INSTREAM size limit exceeded. ERROR"
		}
		chunk := make([]byte, size)
		if _, err := io.ReadFull(r, chunk); err != nil {
			return "stream: read error ERROR"
		}
		data = append(data, chunk...)
	}
	if bytes.Contains(data, []byte(eicar)) {
		return "stream: Eicar-Test-Signature FOUND"
	}
	return "stream: OK"
}

func TestClamdIsAsked(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789abcdef"), 20_000) // 320,000 bytes are five chunks
	cases := []struct {
		name, found, wrong string
		addr               string
		data               []byte
	}{
		{name: "nothing is found in a letter", addr: clamd(t, 1<<20), data: []byte("Dear Sir")},
		{name: "nor in a long one", addr: clamd(t, 1<<20), data: long},
		{name: "a virus is found behind much else", found: "Eicar-Test-Signature", addr: clamd(t, 1<<20), data: append(long, eicar...)},
		{name: "what is larger than clamd takes is not known", wrong: "size limit", addr: clamd(t, 1<<18), data: long},
		{name: "nobody is there", wrong: "refused", addr: "127.0.0.1:1", data: []byte("x")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found, err := attachment.Clamd{Addr: c.addr, Timeout: 10 * time.Second}.Scan(context.Background(), c.data)
			if found != c.found || (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) && c.wrong != "size limit" {
				t.Errorf("got %q, %v", found, err)
			}
		})
	}
}

// claim gives a claim with a paper.
func claim(contentType string, data []byte) string {
	return `{"resourceType":"Claim","id":"c","status":"draft","type":{"text":"x"},"use":"claim","patient":{"display":"x"},"created":"2026-01-01","provider":{"display":"x"},"priority":{"text":"x"},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"x"}}],
		"supportingInfo":[{"sequence":1,"category":{"text":"note"},"valueString":"none"},{"sequence":2,"category":{"coding":[{"code":"attachment"}]},"valueAttachment":{"contentType":"` + contentType + `","data":"` + base64.StdEncoding.EncodeToString(data) + `"}}]}`
}

func TestAttachmentsAreOfASizeAndKind(t *testing.T) {
	onEach(t, attachment.Settings{MaxBytes: 100}, func(t *testing.T, w *resourcestest.World) {
		pdf := []byte("%PDF-1.7")
		cases := []struct {
			name, at, contentType string
			data                  []byte
		}{
			{"a paper is taken", "", "application/pdf", pdf},
			{"a type has parameters", "", "text/plain; charset=utf-8", []byte("x")},
			{"up to the last byte", "", "text/plain", bytes.Repeat([]byte("x"), 100)},
			{"and no more", "Claim.supportingInfo[1].value.data", "text/plain", bytes.Repeat([]byte("x"), 101)},
			{"a program is not taken", "Claim.supportingInfo[1].value.contentType", "application/x-msdownload", []byte("MZ")},
			{"nor one that is said to be a paper", "Claim.supportingInfo[1].value.data", "application/pdf", []byte("MZ")},
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				err := w.Try(claim(c.contentType, c.data))
				if c.at == "" {
					if err != nil {
						t.Error(err)
					}
					return
				}
				if interaction.Status(err) != 422 || !strings.HasSuffix(fhir.OutcomeOf(err).Issues[0].Expression, strings.TrimPrefix(c.at, "Claim.")) {
					t.Errorf("got %v", err)
				}
			})
		}
	})
}

// containing gives a claim with a contained resource that it refers to.
func containing(resource string) string {
	return strings.NewReplacer(`"id":"c",`, `"id":"c","contained":[`+resource+`],`, `"valueString":"none"`, `"valueReference":{"reference":"#in"}`).Replace(claim("text/plain", []byte("x")))
}

// What is contained has the limits of attachments, wherever in it one stands; what is
// no attachment has none.
func TestAttachmentsOfWhatIsContained(t *testing.T) {
	onEach(t, attachment.Settings{MaxBytes: 100}, func(t *testing.T, w *resourcestest.World) {
		long := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 101))
		const code = `"code":{"text":"x"},"status":"final"`
		for name, c := range map[string]struct{ body, at string }{
			"a file":             {`{"resourceType":"Binary","id":"in","contentType":"text/plain","data":"` + long + `"}`, "contained[0].data"},
			"a paper":            {`{"resourceType":"DocumentReference","id":"in","status":"current","content":[{"attachment":{"contentType":"text/plain","data":"eA=="}},{"attachment":{"contentType":"text/plain","data":"` + long + `"}}]}`, "contained[0].content[1].attachment.data"},
			"a paper of no type": {`{"resourceType":"DocumentReference","id":"in","status":"current","content":[{"attachment":{"title":"x"}}]}`, "contained[0].content[0].attachment.contentType"},
			"a report":           {`{"resourceType":"DiagnosticReport","id":"in",` + code + `,"presentedForm":[{"contentType":"text/html","data":"eA=="}]}`, "contained[0].presentedForm[0].contentType"},
			"a picture":          {`{"resourceType":"Media","id":"in","status":"completed","content":{"contentType":"image/png","data":"eA=="}}`, "contained[0].content.data"},
			"a consent":          {`{"resourceType":"Consent","id":"in","status":"active","scope":{"text":"x"},"category":[{"text":"x"}],"policyRule":{"text":"x"},"sourceAttachment":{"contentType":"text/plain","data":"` + long + `"}}`, "contained[0].source.data"},
			"a curve":            {`{"resourceType":"Observation","id":"in",` + code + `,"valueSampledData":{"origin":{"value":1},"period":1,"dimensions":1,"data":"` + strings.Repeat("1 ", 100) + `1"}}`, ""},
			"a small report":     {`{"resourceType":"DiagnosticReport","id":"in",` + code + `,"presentedForm":[{"contentType":"text/plain","data":"eA=="}]}`, ""},
		} {
			err := w.Try(containing(c.body))
			if c.at == "" {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if interaction.Status(err) != 422 || !strings.HasSuffix(fhir.OutcomeOf(err).Issues[0].Expression, c.at) {
				t.Errorf("%s: %v, want it at %s", name, err, c.at)
			}
		}
	})
}

// Each way in is screened: alone, in a transaction, and in an operation.
func TestWhatAScannerFindsIsNotTaken(t *testing.T) {
	onEach(t, attachment.Settings{Scanner: attachment.Clamd{Addr: clamd(t, 1<<20)}}, func(t *testing.T, w *resourcestest.World) {
		bad, good := claim("text/plain", []byte(eicar)), claim("text/plain", []byte("Dear Sir"))
		w.Put(good)
		_, put := w.Engine.Update(w.Context(), fhir.Key{Type: "Claim", ID: "c"}, interaction.Write{Body: []byte(bad)})
		_, post := w.Engine.Create(w.Context(), "Claim", interaction.Write{Body: []byte(bad)})
		_, call := w.Engine.Call(w.Context(), "validate", fhir.Key{Type: "Claim"}, "", []byte(`{"resourceType":"Parameters","parameter":[{"name":"resource","resource":`+bad+`}]}`), false)
		for name, err := range map[string]error{"PUT": put, "POST": post, "an operation": call, "a transaction": w.Try(bad)} {
			if interaction.Status(err) != 422 || !strings.Contains(err.Error(), "Eicar") || !strings.Contains(err.Error(), "supportingInfo[1].value") {
				t.Errorf("%s: %v", name, err)
			}
		}
		// A file that comes by itself is looked at, too, and one of letters is taken.
		file := func(text string) error {
			_, err := w.Engine.Create(w.Context(), "Binary", interaction.Write{Body: []byte(`{"resourceType":"Binary","contentType":"text/plain","data":"` + base64.StdEncoding.EncodeToString([]byte(text)) + `"}`)})
			return err
		}
		if err := file(eicar); interaction.Status(err) != 422 || !strings.Contains(err.Error(), "Eicar") {
			t.Errorf("a file: %v", err)
		}
		if err := file("Dear Sir"); err != nil {
			t.Error(err)
		}
		// Of a batch that an operation takes apart only what is bad is refused.
		batch := `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"POST","url":"Claim"},"resource":` + bad + `},{"request":{"method":"POST","url":"Claim"},"resource":` + good + `}]}`
		if _, err := w.Engine.Call(w.Context(), "apart", fhir.Key{Type: "Claim"}, "", []byte(batch), false); err == nil || !strings.Contains(err.Error(), "Eicar") || !strings.HasSuffix(err.Error(), "and <nil>") {
			t.Errorf("a batch is taken apart: %v", err)
		}
		patch := func(text string) error {
			data := base64.StdEncoding.EncodeToString([]byte(text))
			_, err := w.Engine.Patch(w.Context(), fhir.Key{Type: "Claim", ID: "c"}, "application/json-patch+json", interaction.Write{Body: []byte(`[{"op":"replace","path":"/supportingInfo/1/valueAttachment/data","value":"` + data + `"}]`)})
			return err
		}
		if err := patch("unseen"); interaction.Status(err) != 422 {
			t.Errorf("an unseen paper is patched in: %v", err)
		}
		// So is a file that is stored by itself; what else it says may be patched.
		w.Put(`{"resourceType":"DocumentReference","id":"d","status":"current","content":[{"attachment":{"contentType":"text/plain","data":"eA=="}}]}`)
		for body, want := range map[string]int{
			`[{"op":"replace","path":"/content/0/attachment/data","value":"` + base64.StdEncoding.EncodeToString([]byte(eicar)) + `"}]`: 422,
			`[{"op":"replace","path":"/status","value":"superseded"}]`:                                                                  0,
		} {
			_, err := w.Engine.Patch(w.Context(), fhir.Key{Type: "DocumentReference", ID: "d"}, "application/json-patch+json", interaction.Write{Body: []byte(body)})
			if want == 0 && err != nil || want != 0 && interaction.Status(err) != want {
				t.Errorf("patched by %s: %v", body, err)
			}
		}
	})
}

type broken struct{}

func (broken) Scan(context.Context, []byte) (string, error) { return "", errors.New("out of order") }

func TestNothingIsTakenUnseen(t *testing.T) {
	onEach(t, attachment.Settings{Scanner: broken{}}, func(t *testing.T, w *resourcestest.World) {
		if err := w.Try(claim("text/plain", []byte("x"))); interaction.Status(err) != 503 || strings.Contains(err.Error(), "out of order") {
			t.Errorf("got %v", err)
		}
		w.Put(strings.Replace(claim("text/plain", []byte("x")), `"data"`, `"url":"urn:x","title"`, 1))
	})
}

// apart is an operation that tells what was refused of the first two entries of a
// batch.
var apart = fhir.Module{Name: "apart", Operations: []fhir.Operation{{
	Code: "apart", Types: []string{"Claim"}, Type: true, Affects: true, Apart: true, Definition: "https://bima.example/fhir/OperationDefinition/claim-submit",
	Handle: func(ctx context.Context, _ fhir.Server, _ fhir.Key, _ *fhir.Resource) (*fhir.Response, error) {
		return nil, fhir.Errorf(fhir.IssueProcessing, "", "%v and %v", fhir.Screened(ctx, 0), fhir.Screened(ctx, 1))
	},
}}}

func onEach(t *testing.T, s attachment.Settings, test func(t *testing.T, w *resourcestest.World)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, resourcestest.New(t, s.Module(), apart)) })
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { test(t, resourcestest.On(t, storagetest.Postgres(t), s.Module(), apart)) })
	}
}
