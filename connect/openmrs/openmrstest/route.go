package openmrstest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bima/fhir/patch"
)

// token answers the token endpoint. Tokens are good until Revoke.
func (s *Server) token(r *http.Request, body []byte) answer {
	form, err := url.ParseQuery(string(body))
	id, secret, ok := r.BasicAuth()
	if err != nil || !ok || r.Method != http.MethodPost || form.Get("grant_type") != "client_credentials" {
		return answer{status: http.StatusBadRequest, body: map[string]any{"error": "invalid_request"}}
	}
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	if want, known := s.options.Clients[id]; !known || want != secret {
		return answer{status: http.StatusUnauthorized, body: map[string]any{"error": "invalid_client"}}
	}
	token := "token-" + s.uuid()
	s.tokens[token] = true
	return answer{status: http.StatusOK, body: map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 300}}
}

// route answers a request of somebody who is known.
func (s *Server) route(r *http.Request, path string, body []byte) answer {
	typ, id, instance := strings.Cut(path, "/")
	switch {
	case path == "" && r.URL.Query().Has("_getpages"):
		return s.turn(r.URL.Query().Get("_getpages"))
	case path == "":
		return refuse(http.StatusBadRequest, "Invalid request: transactions are not supported at the base")
	case !slices.Contains(known, typ):
		return refuse(http.StatusNotFound, "Unknown resource type '%s'", typ)
	case r.Method == http.MethodGet && !instance:
		return s.search(typ, r.URL.Query())
	case typ != "Patient" && typ != "Task":
		return refuse(http.StatusMethodNotAllowed, "%s is only read here", typ)
	case r.Method == http.MethodPost && !instance:
		return s.create(typ, r, body)
	case !instance:
		return refuse(http.StatusBadRequest, "Can not %s without an id", r.Method)
	}
	return s.onInstance(typ, id, r, body)
}

// onInstance answers a request to a resource.
func (s *Server) onInstance(typ, id string, r *http.Request, body []byte) answer {
	there := s.view(typ, id)
	if there == nil {
		// A PUT makes nothing new: conditional creates and updates are not there.
		return refuse(http.StatusNotFound, "Resource of type %s with ID %s is not known", typ, id)
	}
	switch r.Method {
	case http.MethodGet:
		return answer{status: http.StatusOK, body: there}
	case http.MethodPut:
		return s.replace(typ, id, r, body)
	case http.MethodPatch:
		return s.patch(typ, id, there, r, body)
	}
	return refuse(http.StatusMethodNotAllowed, "%s is not supported", r.Method)
}

// patch takes a JSON or merge patch of exactly that media type: with a charset
// behind it, it is unknown.
func (s *Server) patch(typ, id string, there map[string]any, r *http.Request, body []byte) answer {
	read := map[string]func([]byte) (patch.Patch, error){
		"application/merge-patch+json": patch.Merge,
		"application/json-patch+json": func(body []byte) (patch.Patch, error) {
			return patch.JSON(body, patch.Limits{Operations: 100, CopyBytes: bodyMax})
		},
	}[r.Header.Get("Content-Type")]
	if read == nil {
		return refuse(http.StatusBadRequest, "Invalid Content-Type for PATCH operation: %s", r.Header.Get("Content-Type"))
	}
	before, err := json.Marshal(there)
	if err != nil {
		return refuse(http.StatusInternalServerError, "%v", err)
	}
	apply, err := read(body)
	if err != nil {
		return refuse(http.StatusBadRequest, "Invalid JSON Patch: %v", err)
	}
	after, err := apply(before)
	if err != nil {
		return refuse(http.StatusBadRequest, "Failed to apply the patch: %v", err)
	}
	return s.write(typ, id, after)
}

// replace is a PUT. The server translates what it is sent into its own tables,
// which adds to them.
func (s *Server) replace(typ, id string, r *http.Request, body []byte) answer {
	if !isFHIR(r.Header.Get("Content-Type")) {
		return refuse(http.StatusUnsupportedMediaType, "Unsupported content type %q", r.Header.Get("Content-Type"))
	}
	return s.write(typ, id, body)
}

// isFHIR reports whether a media type is one of FHIR's JSON.
func isFHIR(media string) bool {
	media, _, _ = strings.Cut(media, ";")
	return slices.Contains([]string{"application/fhir+json", "application/json"}, strings.TrimSpace(media))
}

// create is a POST. If-None-Exist is not known here.
func (s *Server) create(typ string, r *http.Request, body []byte) answer {
	if !isFHIR(r.Header.Get("Content-Type")) {
		return refuse(http.StatusUnsupportedMediaType, "Unsupported content type %q", r.Header.Get("Content-Type"))
	}
	a := s.write(typ, "", body)
	if a.status == http.StatusOK {
		a.status = http.StatusCreated
		a.location = Path + "/" + typ + "/" + a.body["id"].(string)
	}
	return a
}

// write translates what was sent into what is kept; id "" makes it.
func (s *Server) write(typ, id string, body []byte) answer {
	var sent map[string]any
	if err := json.Unmarshal(body, &sent); err != nil || sent["resourceType"] != typ {
		return refuse(http.StatusBadRequest, "Failed to parse the body as a %s", typ)
	}
	if typ == "Task" {
		return s.writeTask(id, sent)
	}
	return s.writePatient(id, sent)
}

// view gives a resource as fhir2 shows it; nil where there is none.
func (s *Server) view(typ, id string) map[string]any {
	for _, p := range s.patients {
		if typ == "Patient" && p.uuid == id {
			return p.view()
		}
	}
	for _, t := range s.tasks {
		if typ == "Task" && t.uuid == id {
			return t.view(s.options.Deaf)
		}
	}
	return nil
}
