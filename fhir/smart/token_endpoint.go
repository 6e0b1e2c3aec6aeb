package smart

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"bima/fhir"
)

// TokenPath is where the token endpoint is on this server.
const TokenPath = "/oauth2/token"

const formMedia = "application/x-www-form-urlencoded"

// formBytesMax bounds what a token is asked for with.
const formBytesMax = 64 << 10

// TokenEndpoint gives the handler of the token endpoint: OAuth 2's client
// credentials, the client being an account, its secret the password. A POST is as
// RFC 6749 has it; a GET with HTTP Basic, as some national exchanges have it, is
// answered by the token itself. It knows the client by HTTP Basic, by client_id
// and client_secret of the form, by an API key, or by a JWT that the client signed. Why a token could
// not be made is logged.
func (a *Authenticator) TokenEndpoint(log *slog.Logger) http.Handler {
	t := endpoint{a, log}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Pragma", "no-cache")
		switch r.Method {
		case http.MethodPost:
			t.grant(w, r)
		case http.MethodGet:
			t.grantPlain(w, r)
		default:
			w.Header().Set("Allow", "POST, GET")
			refuse(w, http.StatusMethodNotAllowed, "invalid_request", "ask for a token by POST")
		}
	})
}

// An endpoint answers requests for tokens.
type endpoint struct {
	*Authenticator
	log *slog.Logger
}

// grant is POST /oauth2/token. Source: RFC 6749 4.4, 5.1 and 5.2.
func (t endpoint) grant(w http.ResponseWriter, r *http.Request) {
	form, problem := tokenForm(r)
	if barePost(r) {
		form, problem = url.Values{"grant_type": {"client_credentials"}}, ""
	}
	if problem != "" {
		refuse(w, http.StatusBadRequest, "invalid_request", problem)
		return
	}
	c := credentialsOf(r.Header)
	id, secret := form.Get("client_id"), form.Get("client_secret")
	switch grant := form.Get("grant_type"); {
	case grant == "":
		refuse(w, http.StatusBadRequest, "invalid_request", "grant_type is missing; it is client_credentials")
		return
	case grant != "client_credentials":
		refuse(w, http.StatusBadRequest, "unsupported_grant_type", "grant_type is client_credentials here")
		return
	case form.Get("client_assertion") != "" || form.Get("client_assertion_type") != "":
		t.grantAsserted(w, r, form, c.given || secret != "")
		return
	case c.given && secret != "":
		refuse(w, http.StatusBadRequest, "invalid_request", "the client is named twice, in the Authorization header and in the form; name it once")
		return
	case !c.given:
		c = credentials{name: id, password: secret, given: id != "", known: true}
	case c.known && id != "" && id != c.name && id != unescaped(c.name):
		refuse(w, http.StatusBadRequest, "invalid_request", "client_id is another client than that of the Authorization header")
		return
	}
	given, err := t.tokenFor(r, c, form.Get("scope"))
	t.tell(w, given, err)
}

// grantAsserted is grant to a client that proves itself by its private key. Source:
// RFC 7523 2.2; SMART App Launch 2.2, client-confidential-asymmetric.
func (t endpoint) grantAsserted(w http.ResponseWriter, r *http.Request, form url.Values, twice bool) {
	switch {
	case twice:
		refuse(w, http.StatusBadRequest, "invalid_request", "the client proves itself twice, by an assertion and by a secret; do it once")
		return
	case form.Get("client_assertion_type") != assertionType:
		refuse(w, http.StatusBadRequest, "invalid_request", "client_assertion_type is "+assertionType)
		return
	}
	account, err := t.asserted(r.Context(), form.Get("client_assertion"), form.Get("client_id"))
	if err != nil {
		t.refuseClient(w, err)
		return
	}
	given, err := t.tokens.issue(r.Context(), account, form.Get("scope"), false)
	t.tell(w, given, err)
}

// tell answers with a token, or why there is none.
func (t endpoint) tell(w http.ResponseWriter, given Token, err error) {
	if err != nil {
		t.refuseClient(w, err)
		return
	}
	answerJSON(w, http.StatusOK, map[string]any{
		"access_token": given.Text, "token_type": "Bearer", "expires_in": int(TokenLife.Seconds()), "scope": given.Scope,
	})
}

// barePost reports whether a request is a POST of nothing with HTTP Basic, which is
// how KenyaEMR asks the staging server of its exchange.
func barePost(r *http.Request) bool {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return r.ContentLength == 0 && media != formMedia && r.Header.Get("Authorization") != ""
}

// grantPlain is GET /oauth2/token: the answer is the token, and nothing else.
func (t endpoint) grantPlain(w http.ResponseWriter, r *http.Request) {
	given, err := t.tokenFor(r, credentialsOf(r.Header), r.URL.Query().Get("scope"))
	if err != nil {
		t.refuseClient(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, given.Text)
}

// tokenFor gives a client its token. Names and passwords of HTTP Basic are escaped
// as in forms, says RFC 6749 2.3.1; many clients do not, so both are taken.
func (t endpoint) tokenFor(r *http.Request, c credentials, scopes string) (Token, error) {
	if !c.given || !c.known || c.token != "" {
		return Token{}, fhir.Errorf(fhir.IssueLogin, "", "name the client by HTTP Basic, or by client_id and client_secret")
	}
	name, password := unescaped(c.name), unescaped(c.password)
	token, err := t.login(r.Context(), name, password, scopes)
	if fhir.HasIssue(err, fhir.IssueLogin) && (name != c.name || password != c.password) {
		return t.login(r.Context(), c.name, c.password, scopes)
	}
	return token, err
}

// unescaped gives a text as it was before a form's escaping; one that was not
// escaped as it is.
func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// tokenForm reads the form of a request, or says what is wrong with it.
func tokenForm(r *http.Request) (form url.Values, problem string) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != formMedia {
		return nil, "send a form: Content-Type application/x-www-form-urlencoded"
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, formBytesMax+1))
	if err != nil || len(text) > formBytesMax {
		return nil, "the form can't be read, or is too large"
	}
	if form, err = url.ParseQuery(strings.TrimSpace(string(text))); err != nil {
		return nil, "the form is not written as forms are"
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, "a parameter is there twice: " + printable(name)
		}
	}
	return form, ""
}

// printable gives the start of a text in the letters that an error may have.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '.'
		}
		return r
	}, text[:min(len(text), 40)])
}

// refuseClient answers why a client gets no token.
func (t endpoint) refuseClient(w http.ResponseWriter, err error) {
	switch {
	case fhir.HasIssue(err, fhir.IssueLogin):
		w.Header().Set("Www-Authenticate", `Basic realm="Bima", charset="UTF-8"`)
		refuse(w, http.StatusUnauthorized, "invalid_client", whyOf(err))
	case fhir.HasIssue(err, fhir.IssueForbidden):
		refuse(w, http.StatusBadRequest, "invalid_scope", whyOf(err))
	case fhir.HasIssue(err, fhir.IssueThrottled):
		refuse(w, http.StatusTooManyRequests, "temporarily_unavailable", whyOf(err))
	default:
		t.log.Error("a token can't be given", "error", err, "cause", errors.Unwrap(err))
		refuse(w, http.StatusServiceUnavailable, "temporarily_unavailable", "tokens can't be given now; try again")
	}
}

// whyOf gives the words of an Outcome, in the letters that an error may have.
// Source: RFC 6749 5.2.
func whyOf(err error) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"' || r == '\\':
			return '\''
		case r < ' ' || r > '~':
			return '.'
		}
		return r
	}, fhir.OutcomeOf(err).Issues[0].Diagnostics)
}

// refuse answers an error in OAuth 2's form.
func refuse(w http.ResponseWriter, status int, code, why string) {
	answerJSON(w, status, map[string]any{"error": code, "error_description": why})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
