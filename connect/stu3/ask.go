package stu3

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"bima/connect"
	"bima/fhir"
)

// get asks [base] for several things at once and gives the resources, absent where
// one could not be had. It fails where nothing can be asked, as by callers who are
// not known.
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
		if i < len(found) && strings.HasPrefix(e.At("response", "status").Text(), "2") {
			found[i] = e.Get("resource")
		}
		i++
	}
	return found, nil
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
