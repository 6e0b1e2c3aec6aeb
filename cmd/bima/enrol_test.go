package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/patient"
	"bima/storage"
	"bima/storage/storagetest"
)

var databases = map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres}

// TestTwoOfficersEnrolOneNumberAtOnce: one of them wins, and the others are told
// by which family, in whatever way they enrol.
func TestTwoOfficersEnrolOneNumberAtOnce(t *testing.T) {
	const officers = 4
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			base := houseAt(t, dsn(t), house.Plan{})
			for round := range 6 {
				var group sync.WaitGroup
				statuses, answers := make([]int, officers), make([]string, officers)
				for i := range officers {
					group.Go(func() {
						path, body := "", household(round*5+1, fmt.Sprintf("r%d-o%d", round, i))
						if i%2 == 1 {
							path, body = "/Group/$enrol", household(round*5+1, fmt.Sprintf("r%d-o%d", round, i))
						}
						response, err := http.Post(base+path, "application/fhir+json", strings.NewReader(body))
						if err != nil {
							t.Error(err)
							return
						}
						defer response.Body.Close()
						answer, err := io.ReadAll(response.Body)
						if err != nil {
							t.Error(err)
						}
						statuses[i], answers[i] = response.StatusCode, string(answer)
					})
				}
				group.Wait()
				won := 0
				for i, status := range statuses {
					switch {
					case status == http.StatusOK:
						won++
					case status != http.StatusConflict || !strings.Contains(answers[i], fmt.Sprintf("family F-r%d-o", round)):
						t.Errorf("officer %d was answered %d: %s", i, status, answers[i])
					}
				}
				if won != 1 {
					t.Errorf("%d officers won", won)
				}
			}
		})
	}
}

// household gives the Bundle of a family of five whose numbers begin with a
// serial number, under ids that begin with a name.
func household(serial int, name string) string {
	var b strings.Builder
	b.WriteString(`{"resourceType":"Bundle","type":"transaction","entry":[`)
	writeHousehold(&b, serial, name)
	b.WriteString("]}")
	return b.String()
}

func writeHousehold(b *strings.Builder, serial int, name string) {
	var members []string
	for i := range 5 {
		id := fmt.Sprintf("%s-%d", name, i)
		fmt.Fprintf(b, `{"resource":{"resourceType":"Patient","id":%q,"active":true,"identifier":[{"use":"official","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MB"}]},"system":"https://bima.example/fhir/id/insurance-number","value":%q}],`+
			`"name":[{"use":"official","family":"Mushi","given":["Asha"]}],"telecom":[{"system":"phone","value":"+255 700 000 001","use":"mobile"}],"gender":"female","birthDate":"19%02d-04-23","address":[{"use":"home","type":"physical","city":"Mtoni","district":"Sagara"}]},"request":{"method":"PUT","url":"Patient/%[1]s"}},`,
			id, checked(serial+i), 50+10*i)
		mark := `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/group-relationship","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/patient-contact-relationship","code":"4"}]}}],`
		if i == 0 {
			mark = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/group-head","valueBoolean":true}],`
		}
		members = append(members, fmt.Sprintf(`{%s"entity":{"reference":"Patient/%s"},"period":{"start":"2026-01-01"}}`, mark, id))
	}
	fmt.Fprintf(b, `{"resource":{"resourceType":"Group","id":%q,"identifier":[{"system":"https://bima.example/fhir/id/family","value":"F-%[1]s"}],"active":true,"type":"person","actual":true,"name":"Mushi","quantity":5,"member":[%[2]s]},"request":{"method":"PUT","url":"Group/%[1]s"}}`,
		name, strings.Join(members, ","))
}

// checked gives an insurance number of a serial number.
func checked(serial int) string {
	for check := range 10 {
		if number := fmt.Sprintf("07%08d%d", serial, check); patient.Valid(number) {
			return number
		}
	}
	panic("one of ten digits checks a number")
}

// BenchmarkEnrol100Families compares 100 families of 5 in one Bundle, by a
// transaction and by $enrol, with the bare writing of the same rows, each in a
// database of its own.
func BenchmarkEnrol100Families(b *testing.B) {
	for name, dsn := range databases {
		b.Run(name, func(b *testing.B) {
			b.Run("transaction", func(b *testing.B) {
				r := newRegister(b, dsn(b))
				timing(b, r.next, func(body []byte) error {
					_, err := r.engine.Bundle(r.ctx, body, interaction.BundleOptions{})
					return err
				})
			})
			b.Run("enrol", func(b *testing.B) {
				r := newRegister(b, dsn(b))
				timing(b, r.next, func(body []byte) error {
					_, err := r.engine.Call(r.ctx, "enrol", fhir.Key{Type: "Group"}, "", body, false)
					return err
				})
			})
			b.Run("rows", func(b *testing.B) {
				r := newRegister(b, dsn(b))
				var versions []fhir.Version
				timing(b, func() (_ []byte, err error) {
					body, _ := r.next()
					versions, err = rowsOf(r.engine, body)
					return nil, err
				}, func([]byte) error { return r.put(versions) })
			})
		})
	}
}

// BenchmarkEnrolAgainstRows gives how many times as long as the bare writing of the
// same rows it takes to enrol 100 families of 5 in one Bundle. Turn by turn both
// bear the same noise.
func BenchmarkEnrolAgainstRows(b *testing.B) {
	for name, dsn := range databases {
		b.Run(name, func(b *testing.B) {
			enrols, writes := newRegister(b, dsn(b)), newRegister(b, dsn(b))
			var enrolling, writing time.Duration
			for b.Loop() {
				body, _ := enrols.next()
				begun := time.Now()
				if _, err := enrols.engine.Bundle(enrols.ctx, body, interaction.BundleOptions{}); err != nil {
					b.Fatal(err)
				}
				enrolling += time.Since(begun)
				body, _ = writes.next()
				versions, err := rowsOf(writes.engine, body)
				if err != nil {
					b.Fatal(err)
				}
				begun = time.Now()
				if err := writes.put(versions); err != nil {
					b.Fatal(err)
				}
				writing += time.Since(begun)
			}
			b.ReportMetric(float64(enrolling)/float64(writing), "times-rows")
		})
	}
}

// A register is an empty server with all modules, and a source of families.
type register struct {
	store  *storage.Store
	engine *interaction.Engine
	ctx    context.Context
	n      int
}

func newRegister(b *testing.B, dsn string) *register {
	b.Helper()
	r := &register{ctx: fhir.WithCaller(context.Background(), fhir.Developer())}
	var err error
	if r.store, err = storage.Open(r.ctx, dsn, storage.Options{}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := r.store.Close(); err != nil {
			b.Error(err)
		}
	})
	if r.engine, err = house.Engine(r.ctx, r.store, house.Plan{Base: "http://h/fhir"}, house.Modules("http://h/fhir")...); err != nil {
		b.Fatal(err)
	}
	return r
}

// next gives 100 families that no Bundle before had.
func (r *register) next() ([]byte, error) {
	r.n++
	var text strings.Builder
	text.WriteString(`{"resourceType":"Bundle","type":"transaction","entry":[`)
	for i := range 100 {
		if i > 0 {
			text.WriteByte(',')
		}
		writeHousehold(&text, r.n*500+i*5, fmt.Sprintf("n%d-%d", r.n, i))
	}
	text.WriteString("]}")
	return []byte(text.String()), nil
}

func (r *register) put(versions []fhir.Version) error {
	return r.store.Update(r.ctx, func(w fhir.Writer) error {
		for _, v := range versions {
			if err := w.Put(v); err != nil {
				return err
			}
		}
		return nil
	})
}

// timing times do on what prepare gives, which is not timed.
func timing(b *testing.B, prepare func() ([]byte, error), do func([]byte) error) {
	b.Helper()
	b.ReportAllocs()
	for range b.N {
		b.StopTimer()
		body, err := prepare()
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := do(body); err != nil {
			b.Fatal(err)
		}
	}
}

// rowsOf gives the versions that a Bundle leads to, with their index.
func rowsOf(engine *interaction.Engine, bundle []byte) ([]fhir.Version, error) {
	doc, err := fhir.Parse(bundle)
	if err != nil {
		return nil, err
	}
	var list []fhir.Version
	for entry := range doc.Root().Get("entry").Each() {
		n := entry.Get("resource")
		r := &fhir.Resource{
			Key: fhir.Key{Type: n.Get("resourceType").Text(), ID: n.Get("id").Text()}, Version: 1, Method: fhir.MethodUpdate, Body: bytes.Clone(n.Raw()),
		}
		index, err := engine.Index(r)
		if err != nil {
			return nil, err
		}
		list = append(list, fhir.Version{Resource: r, Index: index})
	}
	return list, nil
}
