package stu3

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bima/connect"
	"bima/fhir"
)

// get asks [base] for several things at once and gives the resources, absent where
// one could not be had. It fails where something can't be asked, as by callers who
// are not known, or whose token has no scope for it.
func (c *call) get(paths []string) ([]fhir.Node, error) {
	type request struct {
		Method string `json:"method"`
		URL    string `json:"url"`
	}
	type entry struct {
		Request request `json:"request"`
	}
	batch := struct {
		ResourceType string  `json:"resourceType"`
		Type         string  `json:"type"`
		Entry        []entry `json:"entry"`
	}{"Bundle", "batch", nil}
	for _, path := range paths {
		batch.Entry = append(batch.Entry, entry{request{http.MethodGet, path}})
	}
	body, err := json.Marshal(batch)
	if err != nil {
		return nil, err
	}
	answer := c.gate.Ask(c.r, connect.Question{Method: http.MethodPost, Body: body})
	if !answer.OK() {
		return nil, relay(answer)
	}
	found := make([]fhir.Node, len(paths))
	i := 0
	for e := range answer.Node().Get("entry").Each() {
		status := e.At("response", "status").Text()
		if i < len(found) && strings.HasPrefix(status, "2") {
			found[i] = e.Get("resource")
		}
		if strings.HasPrefix(status, "403") {
			why := textOf(e.At("response", "outcome").Get("issue").First().Get("diagnostics"))
			return nil, refuse(http.StatusForbidden, fhir.IssueForbidden, why)
		}
		if failed(status) {
			return nil, refuse(http.StatusServiceUnavailable, fhir.IssueTransient, "The registers can't be asked now; send this again")
		}
		i++
	}
	return found, nil
}

// failed reports whether a status says that something could not be had now: nobody
// is unknown because of that.
func failed(status string) bool {
	code, _, _ := strings.Cut(status, " ")
	return slices.Contains([]string{"429", "500", "503", "504"}, code)
}

// resources gives what a searchset holds, of one type.
func resources(bundle fhir.Node, typ string) (list []fhir.Node) {
	for e := range bundle.Get("entry").Each() {
		if r := e.Get("resource"); r.Get("resourceType").Text() == typ {
			list = append(list, r)
		}
	}
	return list
}

// keyOf gives "Patient/1".
func keyOf(n fhir.Node) string { return n.Get("resourceType").Text() + "/" + n.Get("id").Text() }

// token writes a value so that a search takes none of it for its own signs.
func token(value string) string {
	return url.QueryEscape(strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`).Replace(value))
}
