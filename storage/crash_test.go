package storage_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"bima/fhir"
	"bima/storage"
)

// crashVariable gives the child of the crash test its database.
const crashVariable = "BIMA_CRASH_DSN"

// openVariable gives a child of the test of many beginners its database.
const openVariable = "BIMA_OPEN_DSN"

// crashWriters is how many goroutines of the child write at once.
const crashWriters = 4

func TestMain(m *testing.M) {
	if dsn := os.Getenv(crashVariable); dsn != "" {
		writeUntilKilled(dsn)
	}
	if dsn := os.Getenv(openVariable); dsn != "" {
		if err := writeOnce(dsn, fmt.Sprint("p", os.Getpid())); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// writeUntilKilled writes pairs of resources with index, ledger and job, each in
// one transaction, and tells on stdout which were answered.
func writeUntilKilled(dsn string) {
	s, err := storage.Open(context.Background(), dsn, storage.Options{})
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	for writer := range crashWriters {
		go func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("p%dw%dn%d", os.Getpid(), writer, i)
				if err := s.Update(context.Background(), func(w fhir.Writer) error { return writePair(w, name) }); err != nil {
					fmt.Println("failed", err)
					os.Exit(1)
				}
				fmt.Println("answered", name)
			}
		}()
	}
	select {}
}

func writePair(w fhir.Writer, name string) error {
	var all []error
	for _, typ := range []string{"Claim", "ClaimResponse"} {
		k := fhir.Key{Type: typ, ID: name}
		all = append(all, w.Put(fhir.Version{
			Resource: &fhir.Resource{Key: k, Version: 1, Updated: w.Now(), Method: fhir.MethodCreate, Body: []byte(`{}`)},
			Index: &fhir.Index{
				Tokens: []fhir.TokenRow{{Param: "status", Code: "active"}},
				Unique: []fhir.UniqueKey{{Type: typ, Name: "urn:n", Value: name}},
			},
		}))
	}
	return errors.Join(append(all,
		w.Post(fhir.Key{Type: "Claim", ID: name}, []fhir.Entry{{Account: "a", Bucket: "b", Value: 1}}),
		w.Enqueue(fhir.Job{Kind: "wake", Unique: name}))...)
}

func TestCrash(t *testing.T) {
	for name, dsn := range databases {
		t.Run("a killed process leaves all or nothing of each transaction on "+name, func(t *testing.T) {
			at := dsn(t)
			answered := map[string]bool{}
			for round := range 3 {
				for name := range killed(t, at, 40+60*round) {
					answered[name] = true
				}
				whole(t, at, answered)
			}
		})
	}
}

// killed runs the child until it has answered so many transactions, kills it,
// and gives those answered.
func killed(t *testing.T, dsn string, enough int) map[string]bool {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashVariable+"="+dsn)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	answered := map[string]bool{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		name, ok := strings.CutPrefix(lines.Text(), "answered ")
		if !ok {
			t.Errorf("the child said %q", lines.Text())
			break
		}
		answered[name] = true
		if len(answered) == enough {
			_ = child.Process.Kill()
		}
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	return answered
}

// whole opens the database and checks that each transaction is there as a whole
// or not at all, and each that was answered is there.
func whole(t *testing.T, dsn string, answered map[string]bool) {
	t.Helper()
	s, err := storage.Open(context.Background(), dsn, storage.Options{})
	if err != nil {
		t.Fatalf("the database does not open: %v", err)
	}
	defer func() { _ = s.Close() }()
	err = s.View(context.Background(), func(r fhir.Reader) error {
		claims, err := ids(r, "Claim", true)
		responses, err2 := ids(r, "ClaimResponse", true)
		rows, err3 := ids(r, "Claim", false)
		balance, err4 := r.Tally(fhir.Tally{Accounts: []string{"a"}})
		if err := errors.Join(err, err2, err3, err4); err != nil {
			return err
		}
		if len(claims) != len(responses) || len(claims) != len(rows) || len(balance) != 1 || balance[0].Value != int64(len(claims)) {
			t.Errorf("%d claims, %d responses, %d found by index, ledger %v", len(claims), len(responses), len(rows), balance)
		}
		for name := range claims {
			if !responses[name] || !rows[name] {
				t.Errorf("half of %s", name)
			}
		}
		for name := range answered {
			if !claims[name] {
				t.Errorf("%s was answered and is lost", name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ids finds all resources of a type, by their index or without it.
func ids(r fhir.Reader, typ string, plain bool) (map[string]bool, error) {
	q := fhir.Query{Types: []string{typ}, Limit: 10000}
	if !plain {
		q.Where = fhir.Match{
			Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "active", AnySystem: true},
		}
	}
	page, err := r.Search(&q)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, one := range page.Resources {
		out[one.ID] = true
	}
	return out, nil
}
