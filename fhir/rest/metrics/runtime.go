package metrics

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
)

// A reading is one figure of the Go runtime, under the name that dashboards know
// it by.
type reading struct{ name, kind, help, source string }

// readings are the figures that are told of the Go runtime.
var readings = []reading{
	{"go_goroutines", "gauge", "Goroutines that exist.", "/sched/goroutines:goroutines"},
	{"go_sched_gomaxprocs_threads", "gauge", "Threads that may run Go code at a time.", "/sched/gomaxprocs:threads"},
	{"go_memstats_alloc_bytes", "gauge", "Bytes of heap objects.", "/memory/classes/heap/objects:bytes"},
	{"go_memstats_sys_bytes", "gauge", "Bytes obtained from the system.", "/memory/classes/total:bytes"},
	{"go_gc_cycles_total", "counter", "Garbage collections done.", "/gc/cycles/total:gc-cycles"},
}

func (m *Registry) writeRuntime(out *bytes.Buffer) {
	samples := make([]metrics.Sample, len(readings))
	for i, r := range readings {
		samples[i].Name = r.source
	}
	metrics.Read(samples)
	for i, r := range readings {
		if samples[i].Value.Kind() == metrics.KindUint64 {
			head(out, r.name, r.kind, r.help)
			fmt.Fprintf(out, "%s %d\n", r.name, samples[i].Value.Uint64())
		}
	}
	head(out, "go_info", "gauge", "The version of Go.")
	fmt.Fprintf(out, "go_info{version=%q} 1\n", runtime.Version())
	head(out, "process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.")
	fmt.Fprintf(out, "process_start_time_seconds %.3f\n", float64(m.began.UnixMilli())/1000)
}

// sample is the form of a figure's name: that of a metric, and its labels.
var sample = regexp.MustCompile(`^([a-z_][a-z0-9_]*)(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})?$`)

// writeStats writes what the store tells: figures by name, which may have labels
// in braces. What ends with _total only grows.
func writeStats(out *bytes.Buffer, stats map[string]float64) {
	last := ""
	for _, key := range slices.SortedFunc(maps.Keys(stats), byMetric) {
		parts := sample.FindStringSubmatch(key)
		if parts == nil {
			continue
		}
		if name := parts[1]; name != last {
			kind := "gauge"
			if strings.HasSuffix(name, "_total") {
				kind = "counter"
			}
			head(out, name, kind, strings.ReplaceAll(strings.TrimPrefix(name, "bima_"), "_", " ")+", as the store tells.")
			last = name
		}
		fmt.Fprintf(out, "%s %g\n", key, stats[key])
	}
}

// byMetric sorts figures so that those of one metric follow each other.
func byMetric(a, b string) int {
	nameA, labelsA, _ := strings.Cut(a, "{")
	nameB, labelsB, _ := strings.Cut(b, "{")
	if c := strings.Compare(nameA, nameB); c != 0 {
		return c
	}
	return strings.Compare(labelsA, labelsB)
}
