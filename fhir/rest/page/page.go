// Package page is the page that people see who open the server in a browser: how
// many resources there are, a search to try, and where to read on. It is three
// static files without anything from elsewhere; its script calls the API like
// any client, with the credentials the browser asks for.
//
// Its door is Open.
package page

import (
	"embed"
	"hash/fnv"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed index.html page.css page.js
var files embed.FS

// Policy is the Content-Security-Policy of the page: nothing but what comes from
// this server, and nobody may frame it.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// A File is one of the files of the page. Its Body is shared, nobody writes to
// it.
type File struct {
	MediaType string
	ETag      string
	Body      []byte
}

// Open gives the file at a path; the page itself is at "/".
func Open(at string) (File, bool) {
	f, ok := opened()[at]
	return f, ok
}

// opened holds the files by path.
var opened = sync.OnceValue(func() map[string]File {
	out := map[string]File{}
	for name, mediaType := range map[string]string{"index.html": "text/html", "page.css": "text/css", "page.js": "text/javascript"} {
		body, err := files.ReadFile(name)
		if err != nil {
			panic("page: the embedded " + name + " can't be read: " + err.Error())
		}
		sum := fnv.New64a()
		_, _ = sum.Write(body) // it never fails
		at := strings.TrimSuffix(path.Join("/", name), "index.html")
		out[at] = File{MediaType: mediaType + "; charset=utf-8", ETag: `"` + strconv.FormatUint(sum.Sum64(), 16) + `"`, Body: body}
	}
	return out
})
