package metrics_test

import (
	"strings"
	"testing"
	"time"

	"bima/fhir/rest/metrics"
)

func TestExchangesAreCountedApart(t *testing.T) {
	m := metrics.New(time.Unix(1_700_000_000, 0))
	m.Begin()
	m.Observe(metrics.Exchange{Interaction: "read", Type: "Patient", Status: 200, Took: 3 * time.Millisecond, Out: 100})
	m.Observe(metrics.Exchange{Interaction: "read", Type: "Patient", Status: 200, Took: 2 * time.Hour, Out: 1})
	m.Observe(metrics.Exchange{Interaction: "read", Type: "Patient", Status: 404, Took: time.Millisecond})
	m.Observe(metrics.Exchange{Interaction: "create", Type: "Patient", Status: 201, In: 70})
	m.Observe(metrics.Exchange{Interaction: "create", Type: "Patient", Status: 201, In: -1}) // a length nobody declared
	text := string(m.Text(nil))
	for _, want := range []string{
		`bima_http_requests_total{interaction="read",type="Patient",status="2xx"} 2`,
		`bima_http_requests_total{interaction="read",type="Patient",status="4xx"} 1`,
		`bima_http_request_bytes_total{interaction="create",type="Patient",status="2xx"} 70`,
		`bima_http_response_bytes_total{interaction="read",type="Patient",status="2xx"} 101`,
		`bima_http_request_duration_seconds_bucket{interaction="read",type="Patient",status="2xx",le="0.0025"} 0`,
		`bima_http_request_duration_seconds_bucket{interaction="read",type="Patient",status="2xx",le="0.005"} 1`,
		`bima_http_request_duration_seconds_bucket{interaction="read",type="Patient",status="2xx",le="60"} 1`,
		`bima_http_request_duration_seconds_bucket{interaction="read",type="Patient",status="2xx",le="+Inf"} 2`,
		`bima_http_request_duration_seconds_count{interaction="read",type="Patient",status="2xx"} 2`,
		"bima_http_requests_in_flight 1",
		"process_start_time_seconds 1700000000.000",
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("want %q in:\n%s", want, text)
		}
	}
	m.End()
	if text := string(m.Text(nil)); !strings.Contains(text, "bima_http_requests_in_flight 0\n") {
		t.Error("what has ended is still in flight")
	}
}

func TestFiguresOfTheStoreAreWrittenByMetric(t *testing.T) {
	text := string(metrics.New(time.Now()).Text(map[string]float64{
		`bima_jobs{kind="b",state="running"}`: 1, `bima_jobs{kind="a",state="running"}`: 2, "bima_jobs_done_total": 3,
		"Not A Name": 4, "bima_x{a=\"1\n2\"}": 5,
	}))
	want := `# HELP bima_jobs jobs, as the store tells.
# TYPE bima_jobs gauge
bima_jobs{kind="a",state="running"} 2
bima_jobs{kind="b",state="running"} 1
# HELP bima_jobs_done_total jobs done total, as the store tells.
# TYPE bima_jobs_done_total counter
bima_jobs_done_total 3
`
	if !strings.HasSuffix(text, want) {
		t.Errorf("got %s", text)
	}
}

func BenchmarkObserve(b *testing.B) {
	m := metrics.New(time.Now())
	x := metrics.Exchange{Interaction: "read", Type: "Patient", Status: 200, Took: time.Millisecond, Out: 1000}
	b.ReportAllocs()
	for b.Loop() {
		m.Observe(x)
	}
}
