package openimis_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"bima/connect/connecttest"
	"bima/fhir"
)

const (
	password = "correct horse battery"
	base     = "/api/api_fhir_r4/"
)

var options = connecttest.Options{Accounts: []connecttest.Account{
	{Name: "admin", Password: password, Roles: []fhir.Role{fhir.RoleAdministrator}},
	{Name: "cht", Password: password, Roles: []fhir.Role{fhir.RoleAdministrator}},
}}

// A client is one of openIMIS's, logged in.
type client struct {
	*testing.T
	w     *connecttest.World
	token string
}

func login(t *testing.T, w *connecttest.World) client {
	t.Helper()
	a := w.Do(http.MethodPost, base+"login/", http.Header{"Content-Type": {"application/json"}, "Authorization": {""}}, []byte(`{"username":"cht","password":"`+password+`"}`))
	n := w.Node(a)
	exp, err := fhir.ParseDecimal(n.Get("exp").Text())
	if a.Status != http.StatusOK || n.Get("token").Text() == "" || err != nil || exp.Float64() < float64(time.Now().Unix()) {
		t.Fatalf("login: HTTP %d %s", a.Status, a.Body)
	}
	return client{t, w, n.Get("token").Text()}
}

func (c client) do(method, path string, body []byte) *connecttest.Answer {
	c.Helper()
	return c.w.Do(method, path, http.Header{"Authorization": {"Bearer " + c.token}, "Content-Type": {"application/json"}}, body)
}

// get asks for what must be there.
func (c client) get(path string) fhir.Node {
	c.Helper()
	a := c.do(http.MethodGet, base+path, nil)
	if a.Status != http.StatusOK {
		c.Fatalf("GET %s: HTTP %d %s", path, a.Status, a.Body)
	}
	return c.w.Node(a)
}

// post sends a vector, and gives what must be made of it.
func (c client) post(path, file string, replace ...string) fhir.Node {
	c.Helper()
	a := c.do(http.MethodPost, base+path, c.vector(file, replace...))
	if a.Status != http.StatusCreated {
		c.Fatalf("POST %s: HTTP %d %s", path, a.Status, a.Body)
	}
	return c.w.Node(a)
}

func (c client) vector(file string, replace ...string) []byte {
	c.Helper()
	text, err := os.ReadFile("../../testdata/peers/" + file)
	if err != nil {
		c.Fatal(err)
	}
	return []byte(strings.NewReplacer(replace...).Replace(string(text)))
}

// coded gives the identifier of openIMIS's types.
func coded(r fhir.Node, kind string) string {
	for i := range r.Get("identifier").Each() {
		if i.At("type", "coding").First().Get("code").Text() == kind {
			return i.Get("value").Text()
		}
	}
	return ""
}
