package openimis_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"bima/connect/connecttest"
	"bima/fhir"
)

// A route of a DHIS2 gets a token as Spring's client does: by HTTP Basic, escaped
// as in forms, and without a scope; then it goes where the app in DHIS2 wants.
func TestRoutesOfDHIS2(t *testing.T) {
	o := connecttest.Options{Empty: true, Accounts: []connecttest.Account{
		{Name: "dhis2", Password: "correct horse+battery", Roles: []fhir.Role{fhir.RoleAuditor}},
	}}
	connecttest.Each(t, o, func(t *testing.T, w *connecttest.World) {
		file, err := os.Open("../../testdata/peers/dhis2-routes/token.http")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		asked, err := http.ReadRequest(bufio.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		form, err := io.ReadAll(asked.Body)
		if err != nil {
			t.Fatal(err)
		}
		a := w.Do(asked.Method, asked.URL.Path, asked.Header, form)
		n := w.Node(a)
		if a.Status != http.StatusOK || n.Get("token_type").Text() != "Bearer" || n.Get("expires_in").Text() != "3600" || a.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("HTTP %d %s", a.Status, a.Body)
		}
		pair := base64.StdEncoding.EncodeToString([]byte("dhis2:correct horse+battery"))
		for _, authorization := range []string{"Bearer " + n.Get("access_token").Text(), "ApiToken " + n.Get("access_token").Text(), "ApiToken " + pair} {
			header := http.Header{"Authorization": {authorization}, "X-Forwarded-User": {"admin"}, "Accept": {"application/json"}}
			if a := w.Do(http.MethodGet, "/fhir/MeasureReport?_count=1", header, nil); a.Status != http.StatusOK {
				t.Errorf("%.10s…: HTTP %d %s", authorization, a.Status, a.Body)
			}
		}
		discovery := w.Node(w.Do(http.MethodGet, "/.well-known/smart-configuration", nil, nil))
		if got := discovery.Get("token_endpoint").Text(); got != w.URL+"/oauth2/token" {
			t.Errorf("the token endpoint is said to be %q", got)
		}
		if a := w.Do(http.MethodPost, "/oauth2/token", asked.Header, []byte("grant_type=password")); a.Status != http.StatusBadRequest || w.Node(a).Get("error").Text() != "unsupported_grant_type" {
			t.Errorf("another grant: HTTP %d %s", a.Status, a.Body)
		}
	})
}

// openFn makes the calls of a job of OpenFn.
func openFn(c client) {
	text, err := os.ReadFile("../../testdata/peers/openfn/calls.json")
	if err != nil {
		c.Fatal(err)
	}
	var calls []struct {
		Method, Path string
		Query        map[string]string
	}
	if err := json.Unmarshal(text, &calls); err != nil {
		c.Fatal(err)
	}
	for _, call := range calls {
		query := url.Values{}
		for name, value := range call.Query {
			query.Set(name, value)
		}
		a := c.do(call.Method, call.Path+"?"+query.Encode(), nil)
		b := c.w.Node(a)
		if a.Status != http.StatusOK || b.Get("resourceType").Text() != "Bundle" || b.Get("entry").Len() == 0 {
			c.Errorf("%s: HTTP %d %.300s", call.Path, a.Status, a.Body)
		}
		if strings.Contains(string(b.Get("link").Raw()), "%3A%2F%2F") {
			c.Errorf("TRAP: links are escaped once: %s", b.Get("link").Raw())
		}
	}
}
