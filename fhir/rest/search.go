package rest

import (
	"net/http"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/r4"
)

// formMedia is the type of a search or an operation sent as a form.
const formMedia = "application/x-www-form-urlencoded"

// search is GET [base]/Type?…, POST [base]/Type/_search and both on [base].
func search(x *exchange) error {
	return x.search(x.param("type"), fhir.Key{})
}

// searchCompartment is GET [base]/Type/id/Type?…, with "*" for all types.
func searchCompartment(x *exchange) error {
	sub := x.param("sub")
	switch {
	case sub == "*":
		sub = ""
	case !r4.IsResource(sub):
		return fhir.Errorf(fhir.IssueNotFound, "", "%q is neither a resource type of FHIR R4 nor anything else below a %s", sub, x.param("type"))
	}
	return x.search(sub, x.key())
}

func (x *exchange) search(typ string, compartment fhir.Key) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	query, err := x.searchText()
	if err != nil {
		return err
	}
	page, err := x.engine.Search(fhir.WithRequest(x.ctx, x.requestID), typ, query, interaction.SearchOptions{Lenient: x.prefer.lenient, Compartment: compartment})
	if err != nil {
		return x.inAccent(query, nil, err)
	}
	x.answerJSON(http.StatusOK, f, page)
	return nil
}

// searchText gives the parameters of a search: those of the query and, of a
// POST, those of the form. Source: R4 http#search ("both are used").
func (x *exchange) searchText() (string, error) {
	if x.safe() {
		return x.queryText(), nil
	}
	media, params := mediaType(x.r.Header.Get("Content-Type"))
	if media != formMedia && (media != "" || x.r.ContentLength != 0) {
		return "", unsupportedMedia(media, formMedia)
	}
	form, err := x.body(params)
	if err != nil {
		return "", err
	}
	return joinQueries(x.queryText(), strings.TrimSpace(string(form))), nil
}

func joinQueries(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "&" + b
}

// criteria gives the query of a conditional interaction, without what is about
// the answer.
func (x *exchange) criteria() string {
	return withoutForm(x.queryText())
}

// withoutForm gives a query without what is about the form of the answer.
func withoutForm(query string) string {
	if !strings.Contains(query, "_format=") && !strings.Contains(query, "_pretty=") {
		return query
	}
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if !strings.HasPrefix(part, "_format=") && !strings.HasPrefix(part, "_pretty=") {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// history is GET [base]/Type/id/_history, and of a type, and of all.
func history(x *exchange) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	page, err := x.engine.History(x.ctx, x.key(), x.queryText())
	if err != nil {
		return err
	}
	x.answerJSON(http.StatusOK, f, page)
	return nil
}

// bundle is POST [base]: a batch or a transaction.
func bundle(x *exchange) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	body, err := x.jsonBody()
	if err != nil {
		return x.inPlain(err)
	}
	answer, err := x.engine.Bundle(x.ctx, body, interaction.BundleOptions{Return: x.prefer.answer, Lenient: x.prefer.lenient})
	if err != nil {
		return x.inAccent(x.queryText(), body, err)
	}
	x.answerJSON(http.StatusOK, f, answer)
	return nil
}

// deletedText tells how many resources a conditional delete has deleted.
func deletedText(n int) string {
	if n == 1 {
		return "1 resource was deleted"
	}
	return strconv.Itoa(n) + " resources were deleted"
}
