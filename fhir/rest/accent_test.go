package rest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"bima/fhir/rest"
)

// What R4 would refuse is answered in the accent it is in; what R4 takes never is.
func TestAccentsAreListenedToWhereR4WouldRefuse(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path+" "+string(body))
	})
	h := handler(t, rest.Options{Accents: func(http.Handler) []rest.Accent {
		return []rest.Accent{
			{Method: "POST", Type: "Claim", Means: func(_ string, body []byte) bool { return strings.Contains(string(body), `"Bundle"`) }, Answer: echo},
			{Method: "GET", Type: "ClaimResponse", Means: func(query string, _ []byte) bool { return query == "claim=c1" }, Answer: echo},
			{Method: "POST", Operation: "process-message", Means: func(_ string, body []byte) bool { return strings.Contains(string(body), `"message"`) }, Answer: echo},
			{Method: "POST", Means: func(_ string, body []byte) bool { return strings.Contains(string(body), `"message"`) }, Answer: echo},
			{Method: "POST", Type: "Patient", Means: func(string, []byte) bool { return true }, Answer: echo},
		}
	}})
	const message = `{"resourceType":"Bundle","type":"message"}`
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		answer                   string
	}{
		{"a Bundle to Claim", "POST", "/fhir/Claim", message, 202, "POST /fhir/Claim " + message},
		{"with a slash at its end", "POST", "/fhir/Claim/", message, 202, "POST /fhir/Claim " + message},
		{"what is not meant stays refused", "POST", "/fhir/Claim", `{"resourceType":"Basic"}`, 400, "OperationOutcome"},
		{"another type stays refused", "POST", "/fhir/Coverage", message, 400, "OperationOutcome"},
		{"an update stays refused", "PUT", "/fhir/Claim/c1", message, 400, "OperationOutcome"},
		{"a message to an operation that is not there", "POST", "/fhir/$process-message", message, 202, "POST /fhir/$process-message " + message},
		{"what is none stays refused there", "POST", "/fhir/$process-message", `{"resourceType":"Bundle","type":"collection"}`, 404, "OperationOutcome"},
		{"another operation stays refused", "POST", "/fhir/$process", message, 404, "OperationOutcome"},
		{"a message to [base]", "POST", "/fhir", message, 202, "POST /fhir " + message},
		{"a transaction to [base]", "POST", "/fhir", `{"resourceType":"Bundle","type":"transaction"}`, 200, "transaction-response"},
		{"a search by what is no parameter", "GET", "/fhir/ClaimResponse?claim=c1", "", 202, "GET /fhir/ClaimResponse "},
		{"a search that is not meant", "GET", "/fhir/ClaimResponse?claim=c2", "", 400, "OperationOutcome"},
		{"what R4 takes is R4's", "POST", "/fhir/Patient", `{"resourceType":"Patient"}`, 201, `"resourceType":"Patient"`},
		{"and so is a search", "GET", "/fhir/ClaimResponse?request=Claim/c1", "", 200, "searchset"},
	} {
		answer := ask(h, c.method, c.path, c.body)
		if got := text(t, answer); answer.StatusCode != c.status || !strings.Contains(got, c.answer) {
			t.Errorf("%s: got %d %.200s, want %d %s", c.name, answer.StatusCode, got, c.status, c.answer)
		}
	}
}

func TestDiscoveryTellsWhereTokensAre(t *testing.T) {
	const path = "/fhir/.well-known/smart-configuration"
	if got := text(t, ask(handler(t, rest.Options{Base: "http://example.org/fhir"}), "GET", path, "")); strings.Contains(got, "token_endpoint") {
		t.Errorf("without tokens: %s", got)
	}
	got := text(t, ask(handler(t, rest.Options{Base: "http://example.org/fhir", TokenPath: "/oauth2/token", TokenScopes: []string{"system/*.cruds"}}), "GET", path, ""))
	for _, want := range []string{`"token_endpoint":"http://example.org/oauth2/token"`, `["client_secret_basic","client_secret_post","private_key_jwt"]`, `["RS384","ES384"]`, `["client_credentials"]`, `["system/*.cruds"]`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}
