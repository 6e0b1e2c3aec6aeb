package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"bima/storage/storagetest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bima": main})
}

// TestScript runs the scripts of testdata/script against the real program, once
// on each database. The words beyond testscript's own:
//
//	serve [flag…]             starts bima serve on a free port; $BASE is its base URL
//	stop                      asks it to stop and waits until it has
//	kill9                     kills it as a power cut would
//	fhir METHOD PATH [FILE]   makes a request; the answer's body is stdout
//	waitfor CODE PATH [EXPR]  repeats a GET until it has that status and the body matches, for a minute
//	listen                    starts a subscriber at $HOOK
//	[!] deaf                  makes it answer 503, or well again
//	[!] mute [called]         makes it answer nothing, or again; waits until it was called so
//	heard N                   waits until it was told of N events; stdout is all of them
//	header NAME VALUE         sends a header with the requests that follow
//	status CODE               checks the status of the last answer
//	reviewed N                stores N reviewed claims, the server being down
func TestScript(t *testing.T) {
	databases := map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres}
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			testscript.Run(t, testscript.Params{
				Dir: "../../testdata/script",
				Setup: func(env *testscript.Env) error {
					env.Setenv("BIMA_DATABASE", open(env.T().(testing.TB)))
					env.Values[stage] = &scene{header: http.Header{}}
					return nil
				},
				Cmds: map[string]func(ts *testscript.TestScript, negated bool, args []string){
					"serve": serve, "stop": stopServer, "kill9": kill9, "fhir": request, "waitfor": waitFor, "header": setHeader, "status": checkStatus,
					"listen": listen, "deaf": deaf, "mute": mute, "heard": heard,
					"reviewed": reviewed,
				},
			})
		})
	}
}

// A scene is what the words of one script share.
type scene struct {
	server *exec.Cmd
	exited chan error
	header http.Header
	status int
	hook   *hook
}

type stageKey struct{}

var stage = stageKey{}

func sceneOf(ts *testscript.TestScript) *scene { return ts.Value(stage).(*scene) }

// serving is the log line by which the server says where it listens.
var serving = regexp.MustCompile(`msg=serving base=(\S+)`)

func serve(ts *testscript.TestScript, _ bool, args []string) {
	s := sceneOf(ts)
	program, err := exec.LookPath("bima")
	ts.Check(err)
	s.server = exec.Command(program, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	s.server.Dir = ts.Getenv("WORK")
	s.server.Env = append(os.Environ(), "BIMA_DATABASE="+ts.Getenv("BIMA_DATABASE"))
	stderr, err := s.server.StderrPipe()
	ts.Check(err)
	out, err := os.Create(ts.MkAbs("serve.out"))
	ts.Check(err)
	s.server.Stdout = out
	ts.Check(s.server.Start())
	base, exited := make(chan string, 1), make(chan error, 1)
	s.exited = exited
	process := s.server
	var last string // of the log; read after exited only
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			last = lines.Text()
			if m := serving.FindStringSubmatch(last); m != nil {
				base <- m[1]
			}
		}
		exited <- process.Wait()
	}()
	ts.Defer(func() { _ = process.Process.Kill() })
	select {
	case url := <-base:
		ts.Setenv("BASE", url)
	case err := <-exited:
		ts.Fatalf("the server stopped before it served: %v; its last word was %s", err, last)
	case <-time.After(time.Minute):
		ts.Fatalf("the server did not serve within a minute")
	}
}

func stopServer(ts *testscript.TestScript, _ bool, _ []string) {
	s := sceneOf(ts)
	ts.Check(s.server.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-s.exited:
		ts.Check(err)
	case <-time.After(time.Minute):
		ts.Fatalf("the server did not stop within a minute")
	}
}

func kill9(ts *testscript.TestScript, _ bool, _ []string) {
	s := sceneOf(ts)
	ts.Check(s.server.Process.Kill())
	<-s.exited
}

func request(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: fhir METHOD PATH [FILE]")
	}
	ask(ts, args)
}

// ask makes a request and gives the body of its answer.
func ask(ts *testscript.TestScript, args []string) []byte {
	s := sceneOf(ts)
	var body io.Reader
	if len(args) == 3 {
		body = strings.NewReader(strings.ReplaceAll(ts.ReadFile(args[2]), "$HOOK", ts.Getenv("HOOK")))
	}
	r, err := http.NewRequest(args[0], ts.Getenv("BASE")+args[1], body)
	ts.Check(err)
	r.Header = s.header.Clone()
	if body != nil && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	response, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	ts.Check(err)
	s.status = response.StatusCode
	for _, name := range []string{"Location", "ETag"} {
		ts.Setenv(strings.ToUpper(name), response.Header.Get(name))
	}
	ts.Setenv("ALLOWED", response.Header.Get("Access-Control-Allow-Origin"))
	_, err = ts.Stdout().Write(append(bytes.TrimSpace(text), '\n'))
	ts.Check(err)
	return text
}

func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: waitfor CODE PATH [EXPR]")
	}
	awaited := regexp.MustCompile(strings.Join(args[2:], ""))
	for end := time.Now().Add(time.Minute); ; <-time.After(50 * time.Millisecond) {
		body := ask(ts, []string{http.MethodGet, args[1]})
		switch status := strconv.Itoa(sceneOf(ts).status); {
		case status == args[0] && awaited.Match(body):
			return
		case time.Now().After(end):
			ts.Fatalf("after a minute GET %s still answers %s: %s", args[1], status, body)
		}
	}
}

func setHeader(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: header NAME VALUE")
	}
	sceneOf(ts).header.Set(args[0], args[1])
}

func checkStatus(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: status CODE")
	}
	if got := strconv.Itoa(sceneOf(ts).status); got != args[0] {
		ts.Fatalf("the last answer had status %s, want %s", got, args[0])
	}
}
