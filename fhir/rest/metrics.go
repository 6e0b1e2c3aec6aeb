package rest

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"bima/fhir/r4"
)

// buckets are the upper bounds of the latency histogram, in seconds.
var buckets = [...]float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// metrics counts exchanges by interaction and resource type. It is safe for
// concurrent use, and counting takes no lock once a pair has been seen.
type metrics struct {
	inFlight atomic.Int64
	mu       sync.Mutex // held to add a series
	series   atomic.Pointer[map[seriesKey]*series]
}

type seriesKey struct{ action, typ string }

// A series holds the counts of one interaction on one type.
type series struct {
	byClass [6]atomic.Uint64 // by hundreds of the status
	bytes   atomic.Uint64
	nanos   atomic.Uint64
	buckets [len(buckets) + 1]atomic.Uint64 // not cumulative; the last is beyond all bounds
}

func newMetrics() *metrics {
	m := &metrics{}
	m.series.Store(&map[seriesKey]*series{})
	return m
}

// observe counts one exchange.
func (m *metrics) observe(action, typ string, status int, took time.Duration, written int) {
	s := m.of(seriesKey{action, typ})
	s.byClass[min(max(status/100, 0), len(s.byClass)-1)].Add(1)
	s.bytes.Add(uint64(written))
	s.nanos.Add(uint64(took))
	i := 0
	for seconds := took.Seconds(); i < len(buckets) && seconds > buckets[i]; i++ {
	}
	s.buckets[i].Add(1)
}

func (m *metrics) of(k seriesKey) *series {
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

// typeLabel gives a resource type of a path as a label; only R4's types, so that
// no client can fill the memory with labels.
func typeLabel(typ string) string {
	if typ != "" && r4.IsResource(typ) {
		return typ
	}
	return ""
}

// writeMetrics is GET /metrics, in the text format of Prometheus 0.0.4. It
// holds counts only and is open to anybody who reaches the server.
func writeMetrics(x *exchange) error {
	x.answerAs(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", x.metrics.text())
	return nil
}

func (m *metrics) text() []byte {
	all := *m.series.Load()
	keys := slices.SortedFunc(maps.Keys(all), func(a, b seriesKey) int {
		return slices.Compare([]string{a.action, a.typ}, []string{b.action, b.typ})
	})
	var out bytes.Buffer
	head(&out, "bima_http_requests_in_flight", "gauge", "Requests being worked on.")
	fmt.Fprintf(&out, "bima_http_requests_in_flight %d\n", m.inFlight.Load())
	head(&out, "bima_http_requests_total", "counter", "Requests answered, by interaction, resource type and class of status.")
	for _, k := range keys {
		for class := range all[k].byClass {
			if n := all[k].byClass[class].Load(); n > 0 {
				fmt.Fprintf(&out, "bima_http_requests_total{%s,status=\"%dxx\"} %d\n", k.labels(), class, n)
			}
		}
	}
	head(&out, "bima_http_response_bytes_total", "counter", "Bytes of answers' bodies as sent.")
	for _, k := range keys {
		fmt.Fprintf(&out, "bima_http_response_bytes_total{%s} %d\n", k.labels(), all[k].bytes.Load())
	}
	head(&out, "bima_http_request_duration_seconds", "histogram", "Time from a request's headers to its answer.")
	for _, k := range keys {
		all[k].writeHistogram(&out, k.labels())
	}
	return out.Bytes()
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
	return fmt.Sprintf("interaction=%q,type=%q", k.action, k.typ)
}

func head(out *bytes.Buffer, name, kind, help string) {
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}
