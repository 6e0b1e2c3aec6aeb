package house

import (
	"net/http"

	"bima/connect"
)

// A front is a façade by which clients of another server are answered.
type front func(gate *connect.Gate) http.Handler

// fronts gives the façades by their paths.
func fronts(p Plan) map[string]func(http.Handler) http.Handler {
	all := map[string]front{}
	made := map[string]func(http.Handler) http.Handler{}
	for path, open := range all {
		made[path] = func(h http.Handler) http.Handler { return open(connect.NewGate(h, p.Base)) }
	}
	return made
}
