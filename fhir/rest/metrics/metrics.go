package metrics

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// buckets are the upper bounds of the latency histogram, in seconds.
var buckets = [...]float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// A Registry counts exchanges. It is safe for concurrent use, and counting takes
// no lock once a series has been seen.
type Registry struct {
	inFlight atomic.Int64
	began    time.Time
	mu       sync.Mutex // held to add a series
	series   atomic.Pointer[map[seriesKey]*series]
}

// A seriesKey is what exchanges are told apart by. Its values are few and known,
// so that no client can fill the memory with them.
type seriesKey struct {
	interaction, typ string
	class            int // hundreds of the status
}

// A series holds the counts of the exchanges of one key.
type series struct {
	in, out atomic.Uint64
	nanos   atomic.Uint64
	buckets [len(buckets) + 1]atomic.Uint64 // not cumulative; the last is beyond all bounds
}

// New gives a Registry of a process that began then.
func New(began time.Time) *Registry {
	m := &Registry{began: began}
	m.series.Store(&map[seriesKey]*series{})
	return m
}

// Begin counts an exchange as being worked on, until End.
func (m *Registry) Begin() { m.inFlight.Add(1) }

// End is the end of what Begin has begun.
func (m *Registry) End() { m.inFlight.Add(-1) }

// An Exchange is one request and its answer.
type Exchange struct {
	Interaction string // of R4, or the name of the route
	Type        string // a resource type of R4, or ""
	Status      int
	Took        time.Duration
	In, Out     int64 // bytes of the bodies as sent
}

// Observe counts one exchange.
func (m *Registry) Observe(x Exchange) {
	s := m.of(seriesKey{x.Interaction, x.Type, min(max(x.Status/100, 0), 5)})
	s.in.Add(uint64(max(x.In, 0)))
	s.out.Add(uint64(max(x.Out, 0)))
	s.nanos.Add(uint64(x.Took))
	i := 0
	for seconds := x.Took.Seconds(); i < len(buckets) && seconds > buckets[i]; i++ {
	}
	s.buckets[i].Add(1)
}

func (m *Registry) of(k seriesKey) *series {
	if s, ok := (*m.series.Load())[k]; ok {
		return s
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old := *m.series.Load()
	if s, ok := old[k]; ok {
		return s
	}
	grown := maps.Clone(old)
	s := &series{}
	grown[k] = s
	m.series.Store(&grown)
	return s
}

// Text writes all counts; stats are those of the store.
func (m *Registry) Text(stats map[string]float64) []byte {
	all := *m.series.Load()
	keys := slices.SortedFunc(maps.Keys(all), func(a, b seriesKey) int {
		return slices.Compare([]string{a.interaction, a.typ, strconv.Itoa(a.class)}, []string{b.interaction, b.typ, strconv.Itoa(b.class)})
	})
	var out bytes.Buffer
	head(&out, "bima_http_requests_in_flight", "gauge", "Requests being worked on.")
	fmt.Fprintf(&out, "bima_http_requests_in_flight %d\n", m.inFlight.Load())
	head(&out, "bima_http_requests_total", "counter", "Requests answered, by interaction, resource type and class of status.")
	for _, k := range keys {
		fmt.Fprintf(&out, "bima_http_requests_total{%s} %d\n", k.labels(), all[k].count())
	}
	head(&out, "bima_http_request_bytes_total", "counter", "Bytes of requests' bodies as declared.")
	for _, k := range keys {
		fmt.Fprintf(&out, "bima_http_request_bytes_total{%s} %d\n", k.labels(), all[k].in.Load())
	}
	head(&out, "bima_http_response_bytes_total", "counter", "Bytes of answers' bodies as sent.")
	for _, k := range keys {
		fmt.Fprintf(&out, "bima_http_response_bytes_total{%s} %d\n", k.labels(), all[k].out.Load())
	}
	head(&out, "bima_http_request_duration_seconds", "histogram", "Time from a request's headers to its answer.")
	for _, k := range keys {
		all[k].writeHistogram(&out, k.labels())
	}
	m.writeRuntime(&out)
	writeStats(&out, stats)
	return out.Bytes()
}

func (s *series) count() uint64 {
	var n uint64
	for i := range s.buckets {
		n += s.buckets[i].Load()
	}
	return n
}

func (s *series) writeHistogram(out *bytes.Buffer, labels string) {
	const name = "bima_http_request_duration_seconds"
	var count uint64
	for i := range s.buckets {
		count += s.buckets[i].Load()
		bound := "+Inf"
		if i < len(buckets) {
			bound = strconv.FormatFloat(buckets[i], 'g', -1, 64)
		}
		fmt.Fprintf(out, "%s_bucket{%s,le=%q} %d\n", name, labels, bound, count)
	}
	fmt.Fprintf(out, "%s_sum{%s} %g\n", name, labels, time.Duration(s.nanos.Load()).Seconds())
	fmt.Fprintf(out, "%s_count{%s} %d\n", name, labels, count)
}

func (k seriesKey) labels() string {
	return fmt.Sprintf(`interaction=%q,type=%q,status="%dxx"`, k.interaction, k.typ, k.class)
}

func head(out *bytes.Buffer, name, kind, help string) {
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}
