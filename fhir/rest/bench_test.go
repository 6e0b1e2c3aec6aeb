package rest_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/rest"
	"bima/storage"
	"bima/storage/storagetest"
)

// benchBody is a Patient of about a kilobyte, as most resources are.
var benchBody = `{"resourceType":"Patient","id":"bench","identifier":[{"system":"urn:bench","value":"1"}],"name":[{"family":"Mushi","given":["Asha"]}],"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">` + strings.Repeat("text ", 150) + `</div>"}}`

// BenchmarkRead reads one resource over HTTP.
func BenchmarkRead(b *testing.B) {
	for _, database := range databases(b) {
		b.Run(database.name, func(b *testing.B) {
			root := listen(b, func(base string) http.Handler {
				e := engine(b, database.dsn, base)
				ctx := fhir.WithCaller(context.Background(), fhir.Developer())
				if _, err := e.Update(ctx, fhir.Key{Type: "Patient", ID: "bench"}, interaction.Write{Body: []byte(benchBody)}); err != nil {
					b.Fatal(err)
				}
				return rest.Handler(rest.Options{Engine: e, Base: base, Log: quiet()})
			})
			get(b, root+"/fhir/Patient/bench")
		})
	}
}

// BenchmarkBareRead is the limit BenchmarkRead is held against: net/http alone
// answers the same bytes from the same database.
func BenchmarkBareRead(b *testing.B) {
	for _, database := range databases(b) {
		b.Run(database.name, func(b *testing.B) {
			store, err := storage.Open(context.Background(), database.dsn, storage.Options{Log: quiet()})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = store.Close() })
			k := fhir.Key{Type: "Patient", ID: "bench"}
			err = store.Update(context.Background(), func(w fhir.Writer) error {
				return w.Put(fhir.Version{Resource: &fhir.Resource{Key: k, Version: 1, Updated: w.Now(), Method: fhir.MethodUpdate, Body: []byte(benchBody)}, Index: &fhir.Index{}})
			})
			if err != nil {
				b.Fatal(err)
			}
			root := listen(b, func(string) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					typ, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/fhir/"), "/")
					var body []byte
					err := store.View(r.Context(), func(reader fhir.Reader) error {
						found, err := reader.Read(fhir.Key{Type: typ, ID: id})
						if err == nil {
							body = found.Body
						}
						return err
					})
					if err != nil {
						http.Error(w, err.Error(), http.StatusInternalServerError)
						return
					}
					w.Header().Set("Content-Type", "application/fhir+json")
					_, _ = w.Write(body)
				})
			})
			get(b, root+"/fhir/Patient/bench")
		})
	}
}

type database struct{ name, dsn string }

func databases(b *testing.B) []database {
	return []database{{"sqlite", storagetest.SQLite(b)}}
}

// listen serves a handler that learns its base URL, and gives its root.
func listen(b *testing.B, handler func(base string) http.Handler) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	root := "http://" + listener.Addr().String()
	server := rest.Server(handler(root+"/fhir"), rest.Limits{})
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return root
}

// get reads a URL over kept connections, in parallel.
func get(b *testing.B, url string) {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	client := &http.Client{Transport: transport}
	b.Cleanup(transport.CloseIdleConnections)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := getOnce(client, url); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func getOnce(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}
