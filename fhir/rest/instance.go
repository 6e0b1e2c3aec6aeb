package rest

import (
	"net/http"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction"
)

// acceptedPatches names what a patch may be.
var acceptedPatches = strings.Join(interaction.PatchTypes(), ", ")

// read is GET [base]/Type/id.
func read(x *exchange) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	r, err := x.engine.Read(x.ctx, x.key())
	if err != nil {
		x.noteVersion(r)
		return err
	}
	return x.answerResource(f, r)
}

// vread is GET [base]/Type/id/_history/version.
func vread(x *exchange) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	r, err := x.engine.ReadVersion(x.ctx, x.key(), x.param("version"))
	if err != nil {
		x.noteVersion(r)
		return err
	}
	return x.answerResource(f, r)
}

// create is POST [base]/Type; with If-None-Exist it is conditional.
func create(x *exchange) error {
	return x.write(x.jsonBody, func(w interaction.Write) (*interaction.Result, error) {
		return x.engine.Create(x.ctx, x.param("type"), w)
	})
}

// update is PUT [base]/Type/id.
func update(x *exchange) error {
	return x.write(x.jsonBody, func(w interaction.Write) (*interaction.Result, error) {
		return x.engine.Update(x.ctx, x.key(), w)
	})
}

// updateConditional is PUT [base]/Type?criteria.
func updateConditional(x *exchange) error {
	return x.write(x.jsonBody, func(w interaction.Write) (*interaction.Result, error) {
		return x.engine.UpdateConditional(x.ctx, x.param("type"), x.criteria(), w)
	})
}

// patch is PATCH [base]/Type/id.
func patch(x *exchange) error {
	media, params := mediaType(x.r.Header.Get("Content-Type"))
	return x.write(x.patchBody(media, params), func(w interaction.Write) (*interaction.Result, error) {
		return x.engine.Patch(x.ctx, x.key(), media, w)
	})
}

// patchConditional is PATCH [base]/Type?criteria.
func patchConditional(x *exchange) error {
	media, params := mediaType(x.r.Header.Get("Content-Type"))
	return x.write(x.patchBody(media, params), func(w interaction.Write) (*interaction.Result, error) {
		return x.engine.PatchConditional(x.ctx, x.param("type"), x.criteria(), media, w)
	})
}

// patchBody reads a patch; the engine knows which kinds there are.
func (x *exchange) patchBody(media, params string) func() ([]byte, error) {
	return func() ([]byte, error) {
		if media == "" {
			return nil, unsupportedMedia("of a patch is missing and", acceptedPatches)
		}
		return x.body(params)
	}
}

// write does what create, update and patch have in common. The answer's format
// is settled first: nothing is stored for a client that could not read of it.
func (x *exchange) write(body func() ([]byte, error), do func(interaction.Write) (*interaction.Result, error)) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	sent, err := body()
	if err != nil {
		return x.inPlain(err)
	}
	result, err := do(interaction.Write{
		Body:        sent,
		IfMatch:     x.r.Header.Get("If-Match"),
		IfNoneMatch: x.r.Header.Get("If-None-Match"),
		IfNoneExist: x.r.Header.Get("If-None-Exist"),
	})
	if err != nil {
		return x.inAccent(x.queryText(), sent, err)
	}
	status := http.StatusOK
	if result.Created {
		status = http.StatusCreated
	}
	x.answerResult(f, status, result)
	return nil
}

// remove is DELETE [base]/Type/id.
func remove(x *exchange) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	result, err := x.engine.Delete(x.ctx, x.key(), x.r.Header.Get("If-Match"))
	if err != nil {
		return err
	}
	x.answerRemoval(f, result)
	return nil
}

// removeConditional is DELETE [base]/Type?criteria.
func removeConditional(x *exchange) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	n, err := x.engine.DeleteConditional(x.ctx, x.param("type"), x.criteria())
	if err != nil {
		return err
	}
	x.answerRemoval(f, &interaction.Result{Issues: []fhir.Issue{{
		Severity: fhir.SeverityInformation, Code: fhir.IssueInformational, Diagnostics: deletedText(n),
	}}})
	return nil
}

// answerRemoval answers a deletion: 204, or 200 where the client prefers an
// outcome.
func (x *exchange) answerRemoval(f *format, result *interaction.Result) {
	status := http.StatusNoContent
	if x.prefer.answer == "OperationOutcome" {
		status = http.StatusOK
	}
	x.answerResult(f, status, result)
}
