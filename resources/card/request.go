package card

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/resources/print/drawing"
)

// The media types of the answers.
const (
	mediaPDF  = "application/pdf"
	mediaPNG  = "image/png"
	mediaSVG  = "image/svg+xml"
	mediaFHIR = "application/fhir+json"
)

// media are the answers, the best first for who takes any, with the words that
// name them.
var media = []struct {
	kind  string
	words []string
}{
	{mediaPDF, []string{"pdf", mediaPDF}},
	{mediaPNG, []string{"png", mediaPNG}},
	{mediaSVG, []string{"svg", mediaSVG}},
	{mediaFHIR, []string{"fhir", "json", "xml", mediaFHIR, "application/json", "text/json", "application/fhir+xml", "application/xml", "text/xml", "application/json+fhir", "application/xml+fhir"}},
}

const (
	// batchDefault is how many cards one answer holds.
	batchDefault = 200
	// batchMax is how many it may be asked to hold.
	batchMax = 500
	// parametersMax bounds the parameters read.
	parametersMax = 20
)

// A request is what $card was asked for.
type request struct {
	media string
	sheet drawing.Sheet
	renew bool
	count int
	page  int // from 1; 0 where it was not asked for
}

// requestOf reads the parameters; those of many persons are answered on A4.
func requestOf(ctx context.Context, in *fhir.Resource, many bool) (request, error) {
	q := request{sheet: drawing.SheetOwn, count: batchDefault}
	if many {
		q.sheet = drawing.SheetA4
	}
	values, err := parameters(in, "format", "layout", "renew", "_count", "page")
	if err != nil {
		return q, err
	}
	if q.media, err = mediaOf(ctx, values["format"], many); err != nil {
		return q, err
	}
	switch layout := values["layout"]; layout {
	case "":
	case string(drawing.SheetOwn), string(drawing.SheetA4):
		q.sheet = drawing.Sheet(layout)
	default:
		return q, fhir.Errorf(fhir.IssueValue, "layout", "%.40q is not a layout; there are card (one a page, for card printers) and a4 (ten a page, to be cut)", layout)
	}
	switch renew := values["renew"]; renew {
	case "", "false":
	case "true":
		q.renew = true
	default:
		return q, fhir.Errorf(fhir.IssueValue, "renew", "%.40q is neither true nor false", renew)
	}
	if q.count, err = number(values, "_count", q.count, batchMax); err != nil {
		return q, err
	}
	q.page, err = number(values, "page", 0, 1_000_000)
	return q, err
}

// number reads a whole number from 1.
func number(values map[string]string, name string, otherwise, most int) (int, error) {
	text, given := values[name]
	if !given {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fhir.Errorf(fhir.IssueValue, name, "%.40q is not a whole number from 1 to %d", text, most)
	}
	return n, nil
}

// parameters gives the simple parameters by name. It refuses those that the
// operation does not have.
func parameters(in *fhir.Resource, known ...string) (map[string]string, error) {
	values := map[string]string{}
	if in == nil {
		return values, nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	defer doc.Release()
	if typ := doc.Root().Get("resourceType").Text(); typ != "Parameters" {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "the operation takes a Parameters resource, not %.60q", typ)
	}
	count := 0
	for p := range doc.Root().Get("parameter").Each() {
		if count++; count > parametersMax {
			return nil, fhir.Errorf(fhir.IssueTooLong, "Parameters.parameter", "there are more than %d parameters", parametersMax)
		}
		name := p.Get("name").Text()
		if !slices.Contains(known, name) {
			return nil, fhir.Errorf(fhir.IssueNotSupported, "Parameters.parameter", "the operation has no parameter %.40q; it has %s", name, strings.Join(known, ", "))
		}
		for member := range p.All() {
			if strings.HasPrefix(member.Name(), "value") {
				values[name] = strings.Clone(member.Text())
			}
		}
	}
	return values, nil
}

// mediaOf chooses the form of the answer: by the parameter, else by what the
// client takes, else PDF. Several persons can't be in one picture.
func mediaOf(ctx context.Context, format string, many bool) (string, error) {
	chosen := ""
	if format != "" {
		if chosen = mediaNamed(format); chosen == "" {
			return "", fhir.Errorf(fhir.IssueValue, "format", "%.60q is not a format of cards; there are pdf, png, svg and fhir", format)
		}
	} else if chosen = accepted(fhir.AcceptOf(ctx), many); chosen == "" {
		return "", fhir.Detailf(fhir.IssueNotSupported, fhir.DetailNotAcceptable, "", "cards are %s, %s, %s or a FHIR resource (%s); of several persons %s or FHIR", mediaPDF, mediaPNG, mediaSVG, mediaFHIR, mediaPDF)
	}
	if many && chosen != mediaPDF && chosen != mediaFHIR {
		return "", fhir.Errorf(fhir.IssueNotSupported, "format", "cards of several persons come as pdf or fhir; ask for a picture of each by Patient/[id]/$card")
	}
	return chosen, nil
}

func mediaNamed(word string) string {
	word, _, _ = strings.Cut(word, ";")
	// A plus that the client did not escape has become a space.
	word = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(word)), " ", "+")
	for _, m := range media {
		if slices.Contains(m.words, word) {
			return m.kind
		}
	}
	return ""
}

// acceptRangesMax is how many ranges of an Accept header are read.
const acceptRangesMax = 32

// accepted gives the answer that an Accept header likes best, "" where it takes
// none.
func accepted(accept string, many bool) string {
	if strings.TrimSpace(accept) == "" {
		return mediaPDF
	}
	best, bestQuality := "", 0.0
	for i, part := range strings.SplitN(accept, ",", acceptRangesMax) {
		word, params, _ := strings.Cut(part, ";")
		named := mediaNamed(word)
		switch strings.TrimSpace(word) {
		case "*/*", "application/*":
			named = mediaPDF
		case "image/*":
			named = mediaPNG
		}
		if named == "" || many && named != mediaPDF && named != mediaFHIR {
			continue
		}
		// Of those liked equally the first, but what is named before any.
		if q := quality(params) - float64(i)/1e6 - float64(strings.Count(word, "*"))/1e3; q > bestQuality {
			best, bestQuality = named, q
		}
	}
	return best
}

// quality gives the q of a media range, 1 where it has none.
func quality(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(param), "q="); ok {
			if q, err := strconv.ParseFloat(text, 64); err == nil && q >= 0 && q <= 1 {
				return q
			}
		}
	}
	return 1
}
