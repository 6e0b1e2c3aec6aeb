package rest

import (
	"net/http"
	"net/url"
	"slices"

	"bima/fhir"
)

// A Socket takes the connection of a request over, for another protocol than HTTP,
// or says by an Outcome why not. The context carries the caller where he is known
// and nothing else of the request's, whose time limit it outlives.
type Socket func(w http.ResponseWriter, r *http.Request) error

// upgrade gives the action that leaves a connection to a Socket. Who names nobody
// is let in as nobody: the Socket finds out who may hear what.
func upgrade(take Socket) action {
	return func(x *exchange) error {
		trusted, err := x.fromOurPage()
		if err != nil {
			return err
		}
		if trusted {
			err = x.authenticate()
		}
		if err != nil && x.r.Header.Get("Authorization") != "" {
			return err
		}
		if x.r.Header.Get("Upgrade") == "" {
			x.set("Upgrade", "websocket")
			x.failAs(http.StatusUpgradeRequired, fhir.Errorf(fhir.IssueNotSupported, "", "only a WebSocket is served here: send Connection: Upgrade and Upgrade: websocket"))
			return nil
		}
		x.status = http.StatusSwitchingProtocols
		if err := take(x.w, x.r.WithContext(x.ctx)); err != nil {
			x.status = 0
			return err
		}
		return nil
	}
}

// fromOurPage reports whether a page in a browser may speak with the credentials
// that the browser adds by itself, which another site's may not. Where some origins
// are named, pages of others are refused.
func (x *exchange) fromOurPage() (bool, error) {
	origin := x.r.Header.Get("Origin")
	if origin == "" {
		return true, nil
	}
	if u, err := url.Parse(origin); err == nil && u.Host != "" && u.Host == x.r.Host {
		return true, nil
	}
	if slices.ContainsFunc(x.options.Origins, func(allowed string) bool { return allowed != "*" && originIs(origin, allowed) }) {
		return true, nil
	}
	if len(x.options.Origins) == 0 || slices.Contains(x.options.Origins, "*") {
		return false, nil
	}
	return false, fhir.Errorf(fhir.IssueForbidden, "", "pages of %.200q may not open a WebSocket here", origin)
}
