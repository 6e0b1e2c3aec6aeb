package claim_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/rest"
)

// BenchmarkSubmitOverHTTP compares submitting a claim of ten lines to a server,
// decided before it answers, with sending a server that decides no claims the same
// Claim and the same ClaimResponse in a transaction Bundle: the limit it is held
// against, as decided/undecided, the one rate by the other, at least 0.7. Both have
// all other modules of a scheme. The two take short turns and the median counts, so
// that what else the machine does meets both. The metrics with cpu tell the time of
// the processor, of the client too, but not of PostgreSQL.
func BenchmarkSubmitOverHTTP(b *testing.B) {
	for name, dsn := range databases() {
		for _, way := range []string{"/Claim/$submit", "/Claim"} {
			b.Run(name+way, func(b *testing.B) { compareOverHTTP(b, dsn, way) })
		}
	}
}

// togetherOverHTTP is how many submit at a time, turnOverHTTP how many claims each
// does in its turn.
const (
	togetherOverHTTP = 8
	turnOverHTTP     = 8
)

func compareOverHTTP(b *testing.B, dsn func(testing.TB) string, way string) {
	decided := serve(b, dsn(b), house.Modules(base), way)
	undecided := serve(b, dsn(b), slices.DeleteFunc(house.Modules(base), func(m fhir.Module) bool { return m.Name == "claim" }), "")
	decided.post(b, decided.tenLines(1))
	response := []byte(decided.answered(b))
	asDecided := func(n int64) []byte { return decided.tenLines(n) }
	asStored := func(n int64) []byte { return pair(b, undecided.tenLines(n), response) }
	var with, without []used
	round := func() {
		with = append(with, decided.round(b, asDecided))
		without = append(without, undecided.round(b, asStored))
	}
	for range connectionsWarmed * claimsWarming / (togetherOverHTTP * turnOverHTTP) {
		round()
	}
	with, without = nil, nil
	b.ResetTimer()
	for b.Loop() {
		round()
	}
	var times, cpus []float64
	var sum, less used
	for i := range with {
		times = append(times, without[i].time.Seconds()/with[i].time.Seconds())
		cpus = append(cpus, without[i].cpu.Seconds()/with[i].cpu.Seconds())
		sum.add(with[i])
		less.add(without[i])
	}
	claims := float64(len(with) * togetherOverHTTP * turnOverHTTP)
	b.ReportMetric(middle(times), "decided/undecided")
	b.ReportMetric(middle(cpus), "cpu-decided/undecided")
	b.ReportMetric(float64(sum.time.Microseconds())/claims, "µs/decided")
	b.ReportMetric(float64(less.time.Microseconds())/claims, "µs/undecided")
	b.ReportMetric(float64(sum.cpu.Microseconds())/claims, "cpu-µs/decided")
	b.ReportMetric(float64(less.cpu.Microseconds())/claims, "cpu-µs/undecided")
	b.ReportMetric(float64(sum.allocs)/claims, "allocs/decided")
	b.ReportMetric(float64(less.allocs)/claims, "allocs/undecided")
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// A served is a server of all that a House serves of FHIR, with its client.
type served struct {
	*bench
	client *http.Client
	url    string // that bodies are posted to
	n      atomic.Int64
	last   atomic.Pointer[[]byte] // what was answered
}

func serve(b *testing.B, dsn string, modules []fhir.Module, way string) *served {
	b.Helper()
	e := newBench(b, dsn) // whose scheme names no more than claims are decided by
	e.families(familiesBenched)
	engine, err := house.Engine(e.ctx, e.store, house.Plan{Base: base}, modules...)
	if err != nil {
		b.Fatal(err)
	}
	e.Engine = engine
	e.wait(time.Hour)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := rest.Server(rest.Handler(rest.Options{
		Engine: e.Engine, Base: base, Log: slog.New(slog.DiscardHandler), Ready: e.store.Ready, Stats: e.store.Stats, Async: e.store,
	}), rest.Limits{})
	go func() { _ = server.Serve(listener) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * togetherOverHTTP, DisableCompression: true}
	b.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
	})
	return &served{bench: e, client: &http.Client{Transport: transport}, url: "http://" + listener.Addr().String() + "/fhir" + way}
}

// post sends a body, which must be taken.
func (s *served) post(b *testing.B, body []byte) {
	response, err := s.client.Post(s.url, "application/fhir+json", bytes.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode > 201 {
		b.Errorf("%s: %v\n%s", response.Status, err, answer)
	}
	s.last.Store(&answer)
}

// answered gives the ClaimResponse to the claim posted last, which must be paid.
func (s *served) answered(b *testing.B) string {
	doc, err := fhir.Parse(*s.last.Load())
	if err != nil {
		b.Fatal(err)
	}
	got := s.response(doc.Root().Get("id").Text()) // a Claim's answer bears its id
	if paid := got.total("benefit"); paid != "995000" {
		b.Fatalf("the claim is paid with %s, want 995000", paid)
	}
	return got.Body
}

// used is what some work took.
type used struct {
	time, cpu time.Duration
	allocs    uint64
}

func (u *used) add(v used) {
	u.time += v.time
	u.cpu += v.cpu
	u.allocs += v.allocs
}

// round has several clients post at a time.
func (s *served) round(b *testing.B, body func(n int64) []byte) used {
	var bodies [togetherOverHTTP][turnOverHTTP][]byte
	for i := range bodies {
		for j := range bodies[i] {
			bodies[i][j] = body(s.n.Add(1) + 1)
		}
	}
	before := allocated()
	start, cpu := time.Now(), processor(b)
	var wg sync.WaitGroup
	for i := range bodies {
		wg.Go(func() {
			for _, body := range bodies[i] {
				s.post(b, body)
			}
		})
	}
	wg.Wait()
	took, worked := time.Since(start), processor(b)-cpu
	return used{took, worked, allocated() - before}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// processor gives how long this process has used the processors.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// pair makes a transaction of a claim and its answer.
func pair(b *testing.B, claim, response []byte) []byte {
	doc, err := fhir.Parse(response)
	if err != nil {
		b.Fatal(err)
	}
	const name = "urn:uuid:5f7ed6a2-5c80-4aeb-95a6-6d8a0a0f1c55"
	edit := fhir.NewEdit(doc)
	edit.Replace(doc.Root().At("request", "reference"), []byte(`"`+name+`"`))
	return fmt.Appendf(nil, `{"resourceType":"Bundle","type":"transaction","entry":[`+
		`{"fullUrl":%q,"resource":%s,"request":{"method":"POST","url":"Claim"}},`+
		`{"resource":%s,"request":{"method":"POST","url":"ClaimResponse"}}]}`, name, claim, edit.Bytes())
}
