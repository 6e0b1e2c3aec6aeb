package dhis2

import (
	"strings"
	"testing"

	"bima/fhir/subscription"
)

// The verdict is in the body: neither 200 nor 409 says what became of the numbers.
func TestJudge(t *testing.T) {
	two := payload{OrgUnit: "SGR-C01", DataValues: make([]dataValue, 2)}
	counts := func(imported, ignored string) string {
		return `"importCount":{"imported":` + imported + `,"updated":0,"ignored":` + ignored + `,"deleted":0}`
	}
	wrap := func(summary string) string { return `{"httpStatus":"x","status":"x","response":{` + summary + `}}` }
	one := `"conflicts":[{"object":"X","value":"Data element not found","errorCode":"E7610","indexes":[1]}]`
	all := `"conflicts":[{"object":"X","value":"Data element not found","errorCode":"E7610","indexes":[0,1]}]`
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   string // "ok", "trouble", "again" or "refused", and a part of the words
	}{
		{"success, wrapped", 200, wrap(`"status":"SUCCESS",` + counts("2", "0")), "ok"},
		{"success, bare", 200, `{"status":"SUCCESS",` + counts("2", "0") + `}`, "ok"},
		{"success of 2.42 that changes nothing", 200, wrap(`"status":"SUCCESS",` + counts("0", "2")), "ok"},
		{"success that gives account of fewer", 200, wrap(`"status":"SUCCESS",` + counts("1", "0")), "trouble 1 of 2"},
		{"success that names a conflict", 200, wrap(`"status":"SUCCESS",` + counts("2", "0") + "," + one), "trouble 1 of 2"},
		{"success of a trial that was none", 200, wrap(`"status":"SUCCESS","importOptions":{"dryRun":true},` + counts("2", "0")), "refused kept none"},
		{"409 of 2.42, in part", 409, wrap(`"status":"WARNING",` + counts("1", "1") + "," + one), "trouble 1 of 2 values were refused: X: Data element not found (E7610)"},
		{"200 of 2.43, in part", 200, wrap(`"status":"WARNING",` + counts("1", "1") + "," + one), "trouble 1 of 2"},
		{"409 of 2.42, all of a code that is not known", 409, wrap(`"status":"WARNING",` + counts("0", "2") + "," + all), "refused E7610"},
		{"409 of 2.42, all of a place that is not known", 409, wrap(`"status":"WARNING",` + counts("0", "2") + `,"conflicts":[{"object":"SGR-C01","errorCode":"E7612","indexes":[0,1]}]`), "trouble 2 of 2"},
		{"409 of an old release that names no indexes", 409, `{"status":"WARNING",` + counts("1", "1") + `,"conflicts":[{"object":"X","value":"not found"}]}`, "trouble 1 of 2"},
		{"409 of 2.43, a code", 409, wrap(`"status":"ERROR",` + counts("0", "2") + `,"conflicts":[{"object":"X","errorCode":"E8101","indexes":[-1]}]`), "refused E8101"},
		{"409 of 2.43, the place, by a code we don't know", 409, wrap(`"status":"ERROR",` + counts("0", "2") + `,"conflicts":[{"object":"SGR-C01","errorCode":"E8199","indexes":[-1]}]`), "trouble E8199"},
		{"409 of 2.43, the place, by its property", 409, wrap(`"status":"ERROR",` + counts("0", "2") + `,"conflicts":[{"objects":{"organisationUnit":"abc"},"errorCode":"E8199"}]`), "trouble"},
		{"409 of 2.43, the month is closed", 409, wrap(`"status":"ERROR",` + counts("0", "2") + `,"conflicts":[{"object":"202607","errorCode":"E8031"}]`), "trouble E8031"},
		{"error without a reason", 409, wrap(`"status":"ERROR","description":"no",` + counts("0", "2")), "refused no"},
		{"409 without a summary", 409, `{"status":"ERROR","message":"Data set is locked","errorCode":"E9"}`, "refused Data set is locked E9"},
		{"400", 400, `{"message":"bad"}`, "refused bad"},
		{"401", 401, `{}`, "refused channel.header"},
		{"403", 403, `{}`, "refused F_DATAVALUE_ADD"},
		{"302 to a login", 302, ``, "refused leads elsewhere"},
		{"404 of no DHIS2", 404, `<html>`, "refused 404"},
		{"429", 429, `{}`, "again 429"},
		{"503 with a summary that lies", 503, wrap(`"status":"SUCCESS",` + counts("2", "0")), "again 503"},
		{"200 of a proxy", 200, `<html>`, "again may not be DHIS2"},
		{"200 of other JSON", 200, `{"status":"OK"}`, "again may not be DHIS2"},
		{"200 of a level that is none", 200, wrap(`"status":"FINE",` + counts("2", "0")), "again"},
		{"200 of nothing", 200, ``, "again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			j, err := judge(c.status, []byte(c.body), two, false)
			got := "ok"
			switch {
			case subscription.IsRefused(err):
				got = "refused " + err.Error()
			case err != nil:
				got = "again " + err.Error()
			case j.trouble != "":
				got = "trouble " + j.trouble
			}
			kind, words, _ := strings.Cut(c.want, " ")
			if !strings.HasPrefix(got, kind) || !strings.Contains(got, words) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzJudge(f *testing.F) {
	f.Add(200, `{"response":{"status":"SUCCESS","importCount":{"imported":2}}}`)
	f.Add(409, `{"status":"WARNING","conflicts":[{"indexes":[-1,7]}]}`)
	f.Add(409, `{"response":{"status":"ERROR","conflicts":[{"objects":{"orgUnit":null}}]}}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		j, err := judge(status, []byte(body), payload{OrgUnit: "O", DataValues: make([]dataValue, 2)}, false)
		if (status < 200 || status > 299 && status != 409 && status != 400) && err == nil && status >= 500 {
			t.Errorf("HTTP %d was taken for an answer: %+v", status, j)
		}
	})
}
