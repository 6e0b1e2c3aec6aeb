package house

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"bima/connect"
	"bima/connect/dhis2"
	"bima/connect/kenyaemr"
	"bima/connect/openimis"
	"bima/connect/stu3"
	"bima/fhir"
	"bima/fhir/rest"
	"bima/fhir/smart"
)

// A front is a façade by which clients of another server are answered.
type front func(gate *connect.Gate) http.Handler

// fronts gives the façades by their paths.
func fronts(p Plan, who *smart.Authenticator, server fhir.Server) map[string]func(http.Handler) http.Handler {
	all := map[string]front{
		dhis2.Path: func(gate *connect.Gate) http.Handler {
			return dhis2.NewFront(gate, server, dhis2.FrontOptions{Ages: p.Scheme.Measures.Ages, Who: who.Authenticate, Now: clock(p)})
		},
		openimis.Path: func(gate *connect.Gate) http.Handler {
			return openimis.New(gate, openimis.Options{Login: login(who), Zone: p.Zone, Now: p.Now})
		},
		kenyaemr.Path: func(gate *connect.Gate) http.Handler { return kenyaemr.New(gate, p.Now) },
		stu3.Path: func(gate *connect.Gate) http.Handler {
			return stu3.New(gate, stu3.Settings{Now: p.Now, Currency: p.Scheme.Measures.Currency})
		},
	}
	log := p.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	made := map[string]func(http.Handler) http.Handler{
		smart.TokenPath: func(http.Handler) http.Handler { return who.TokenEndpoint(log) },
	}
	for path, open := range all {
		made[path] = func(h http.Handler) http.Handler { return open(connect.NewGate(h, p.Base)) }
	}
	return made
}

// clock gives the scheme's clock in the scheme's zone, by which a day and a month begin
// where nothing else is said.
func clock(p Plan) func() time.Time {
	now, zone := p.Now, p.Zone
	if now == nil {
		now = time.Now
	}
	if zone == nil {
		zone = time.UTC
	}
	return func() time.Time { return now().In(zone) }
}

// root gives the absolute URL of the server, without a slash at its end.
func root(p Plan) string { return strings.TrimSuffix(strings.TrimSuffix(p.Base, "/"), "/fhir") }

// accents gives what clients of another server ask of [base] itself.
func accents(p Plan) func(http.Handler) []rest.Accent {
	return func(h http.Handler) []rest.Accent { return kenyaemr.Accents(connect.NewGate(h, p.Base), p.Now) }
}

// login gives tokens as openIMIS's clients ask for them.
func login(who *smart.Authenticator) func(context.Context, string, string) (string, time.Time, error) {
	return func(ctx context.Context, name, password string) (string, time.Time, error) {
		token, err := who.Login(ctx, name, password)
		return token.Text, token.Expires, err
	}
}
