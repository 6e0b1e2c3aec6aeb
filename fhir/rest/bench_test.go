package rest_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/rest"
	"bima/storage/storagetest"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of the bare reads; that of SQLite comes with storage
)

// benchBody is a Patient of about a kilobyte, as most resources are.
var benchBody = `{"resourceType":"Patient","id":"bench","identifier":[{"system":"urn:bench","value":"1"}],"name":[{"family":"Mushi","given":["Asha"]}],"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">` + strings.Repeat("text ", 150) + `</div>"}}`

// BenchmarkRead reads one resource over HTTP.
func BenchmarkRead(b *testing.B) {
	onEach(b, func(b *testing.B, dsn string) {
		root := listen(b, func(base string) http.Handler {
			e := engine(b, dsn, base)
			ctx := fhir.WithCaller(context.Background(), fhir.Developer())
			if _, err := e.Update(ctx, fhir.Key{Type: "Patient", ID: "bench"}, interaction.Write{Body: []byte(benchBody)}); err != nil {
				b.Fatal(err)
			}
			return rest.Handler(rest.Options{Engine: e, Base: base, Log: quiet()})
		})
		get(b, root+"/fhir/Patient/bench")
	})
}

// BenchmarkBareRead is the limit BenchmarkRead is held against: net/http and a
// prepared statement give the same bytes from a table of the same database, by
// its primary key, and nothing else.
func BenchmarkBareRead(b *testing.B) {
	onEach(b, func(b *testing.B, dsn string) {
		read := bare(b, dsn)
		root := listen(b, func(string) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				typ, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/fhir/"), "/")
				var body []byte
				if err := read.QueryRowContext(r.Context(), typ, id).Scan(&body); err != nil {
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

// bare gives the statement that reads a body from a table of two columns of key
// and one of text.
func bare(b *testing.B, dsn string) *sql.Stmt {
	b.Helper()
	driver, place := "pgx", dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, place = "sqlite", "file:"+path+"?_pragma=journal_mode(WAL)"
	}
	db, err := sql.Open(driver, place)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	db.SetMaxIdleConns(db.Stats().MaxOpenConnections + 16)
	for _, statement := range []string{
		"CREATE TABLE bare (typ TEXT, id TEXT, body " + map[string]string{"pgx": "BYTEA", "sqlite": "BLOB"}[driver] + ", PRIMARY KEY (typ, id))",
		"INSERT INTO bare VALUES ('Patient', 'bench', '" + benchBody + "')",
	} {
		if driver == "pgx" {
			statement = strings.ReplaceAll(statement, `\"`, `\\"`)
		}
		if _, err := db.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	read, err := db.Prepare("SELECT body FROM bare WHERE typ = $1 AND id = $2")
	if err != nil {
		b.Fatal(err)
	}
	return read
}

// onEach runs a benchmark on a fresh database of each kind: PostgreSQL where a
// server is named.
func onEach(b *testing.B, run func(b *testing.B, dsn string)) {
	b.Run("sqlite", func(b *testing.B) { run(b, storagetest.SQLite(b)) })
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		b.Run("postgres", func(b *testing.B) { run(b, storagetest.Postgres(b)) })
	}
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
