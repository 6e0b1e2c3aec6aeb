package terminology_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/search"
	"bima/fhir/terminology"
	"bima/profiles"
	"bima/storage"
	"bima/storage/storagetest"
)

// A clinic is a server with the operations of terminology.
type clinic struct {
	engine  *interaction.Engine
	service *terminology.Service
	ctx     context.Context
	t       testing.TB
}

const base = "http://127.0.0.1:8080/fhir"

// newClinic makes one on SQLite in which resources are stored.
func newClinic(t testing.TB, bodies ...string) *clinic {
	t.Helper()
	store, err := storage.Open(context.Background(), storagetest.SQLite(t), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	registry, err := search.New(base, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := terminology.New(terminology.Options{Definitions: profiles.Definitions(), ExpansionMax: 4000, SetMax: 2000})
	engine, err := interaction.New(interaction.Config{
		Store: store, Modules: []fhir.Module{s.Module()}, Search: registry, Base: base, Terminology: s,
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &clinic{engine, s, fhir.WithCaller(context.Background(), fhir.Developer()), t}
	for _, body := range bodies {
		c.put(body)
	}
	return c
}

// put stores a resource under its id.
func (c *clinic) put(body string) {
	c.t.Helper()
	doc, err := fhir.Parse([]byte(body))
	if err != nil {
		c.t.Fatal(err)
	}
	n := doc.Root()
	c.bundle(fmt.Sprintf(`{"resource":%s,"request":{"method":"PUT","url":"%s/%s"}}`, body, n.Get("resourceType").Text(), n.Get("id").Text()))
}

// remove deletes a resource.
func (c *clinic) remove(reference string) {
	c.t.Helper()
	c.bundle(fmt.Sprintf(`{"request":{"method":"DELETE","url":"%s"}}`, reference))
}

func (c *clinic) bundle(entry string) {
	c.t.Helper()
	_, err := c.engine.Bundle(c.ctx, []byte(`{"resourceType":"Bundle","type":"transaction","entry":[`+entry+`]}`), interaction.BundleOptions{})
	if err != nil {
		c.t.Fatalf("%v (%v)", err, fhir.OutcomeOf(err).Unwrap())
	}
}

// get calls an operation by its path: "ValueSet/$expand?url=…", in which {x}
// stands for R4's URL of the value set x.
func (c *clinic) get(path string) (fhir.Node, error) {
	c.t.Helper()
	path, query, _ := strings.Cut(path, "?")
	key, code := place(path)
	response, err := c.engine.Call(c.ctx, code, key, query, nil, true)
	return c.root(response), err
}

// post calls an operation with a body.
func (c *clinic) post(path, body string) (fhir.Node, error) {
	c.t.Helper()
	key, code := place(path)
	response, err := c.engine.Call(c.ctx, code, key, "", []byte(body), false)
	return c.root(response), err
}

func place(path string) (fhir.Key, string) {
	parts := strings.Split(path, "/")
	key := fhir.Key{Type: parts[0]}
	if len(parts) == 3 {
		key.ID = parts[1]
	}
	return key, strings.TrimPrefix(parts[len(parts)-1], "$")
}

func (c *clinic) root(response *fhir.Response) fhir.Node {
	c.t.Helper()
	if response == nil {
		return fhir.Node{}
	}
	doc, err := fhir.Parse(response.Resource.Body)
	if err != nil {
		c.t.Fatalf("%v: %s", err, response.Resource.Body)
	}
	return doc.Root()
}

// listed gives the codes of an expansion, with those nested in them.
func listed(n fhir.Node) []string {
	var out []string
	for c := range n.Get("contains").Each() {
		out = append(out, c.Get("code").Text())
		out = append(out, listed(c)...)
	}
	return out
}

// expand gives the codes of $expand with a query.
func (c *clinic) expand(query string) []string {
	c.t.Helper()
	n, err := c.get("ValueSet/$expand?" + query)
	if err != nil {
		c.t.Fatalf("$expand?%s: %v", query, err)
	}
	return listed(n.Get("expansion"))
}

// expandSet gives the codes of an inline value set.
func (c *clinic) expandSet(compose string) ([]string, error) {
	c.t.Helper()
	n, err := c.post("ValueSet/$expand", inSet("", compose))
	return listed(n.Get("expansion")), err
}

// inSet gives Parameters with a value set inline, and others.
func inSet(parameters, compose string) string {
	if parameters != "" {
		parameters += ","
	}
	return fmt.Sprintf(`{"resourceType":"Parameters","parameter":[%s{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":%s}}]}`, parameters, compose)
}

// part gives a parameter of an answer by name.
func part(n fhir.Node, name string) fhir.Node {
	list := n.Get("parameter")
	if !list.Exists() {
		list = n.Get("part")
	}
	for p := range list.Each() {
		if p.Get("name").Text() == name {
			return p
		}
	}
	return fhir.Node{}
}

func value(n fhir.Node) string {
	for m := range n.All() {
		if strings.HasPrefix(m.Name(), "value") {
			if m.Kind() == fhir.KindObject {
				return string(m.Raw())
			}
			return m.Text()
		}
	}
	return ""
}

func sameCodes(t *testing.T, got []string, want string) {
	t.Helper()
	if strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, " "), want)
	}
}

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// Where R4's value sets and code systems have their URLs.
const (
	hl7  = "http://hl7.org/fhir/ValueSet/"
	thoV = "http://terminology.hl7.org/ValueSet/"
	thoC = "http://terminology.hl7.org/CodeSystem/"
)

// kinds is a code system with all that a filter may ask for: a hierarchy, an
// abstract and an inactive code, properties and names in Swahili.
const kinds = `{"resourceType":"CodeSystem","id":"kinds","url":"urn:test:kinds","version":"1","name":"Kinds","status":"active",
"language":"en","caseSensitive":true,"content":"complete","hierarchyMeaning":"is-a",
"property":[{"code":"price","type":"integer"},{"code":"level","type":"code"},{"code":"inactive","uri":"http://hl7.org/fhir/concept-properties#inactive","type":"boolean"},
 {"code":"group","uri":"http://hl7.org/fhir/concept-properties#notSelectable","type":"boolean"},{"code":"parent","uri":"http://hl7.org/fhir/concept-properties#parent","type":"code"}],
"concept":[
 {"code":"care","display":"Care","property":[{"code":"group","valueBoolean":true}],"concept":[
  {"code":"visit","display":"Visit to a doctor","designation":[{"language":"sw","value":"Kumwona daktari"}],"property":[{"code":"price","valueInteger":500},{"code":"level","valueCode":"low"}],"concept":[
   {"code":"visit-night","display":"Visit at night","property":[{"code":"price","valueInteger":900},{"code":"level","valueCode":"high"}]}]},
  {"code":"ward","display":"Day in a ward","property":[{"code":"price","valueInteger":4000}]}]},
 {"code":"drug","display":"Drug","concept":[
  {"code":"pill","display":"Pill <white>","property":[{"code":"parent","valueCode":"care"},{"code":"level","valueCode":"low"}]},
  {"code":"leech","display":"Leech","property":[{"code":"inactive","valueBoolean":true}]}]}]}`
