package house

import (
	"testing"
	"time"
)

// What is asked about today is asked about the scheme's day, wherever the server is.
func TestFrontsGoByTheSchemesDay(t *testing.T) {
	noon := func() time.Time { return time.Date(2026, 12, 31, 11, 0, 0, 0, time.FixedZone("server", -5*60*60)) }
	for _, c := range []struct {
		name string
		zone *time.Location
		want string
	}{
		{"no zone", nil, "2026-12-31T16:00:00Z"},
		{"an hour short of the new year", time.FixedZone("", 7*60*60), "2026-12-31T23:00:00+07:00"},
		{"the new year", time.FixedZone("", 8*60*60), "2027-01-01T00:00:00+08:00"},
	} {
		if got := clock(Plan{Now: noon, Zone: c.zone})().Format(time.RFC3339); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	if zone := clock(Plan{})().Location(); zone != time.UTC {
		t.Errorf("the real clock is of %s", zone)
	}
}
