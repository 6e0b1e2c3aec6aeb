package card

import (
	"context"
	"fmt"
	"strings"

	"bima/fhir"
	"bima/resources/print/drawing"
)

// get is $card by GET: it gives the card, and issues it only where there is none
// that is still right. A new one though the old is good needs a POST.
func (d *Desk) get(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	q, err := requestOf(ctx, in, on.Type != "Patient")
	if err == nil && q.renew {
		err = fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMethod, "renew", "renew replaces cards that are good, so it takes POST only")
	}
	if err != nil {
		return nil, err
	}
	return d.answer(ctx, s, on, q)
}

// post is $card by POST.
func (d *Desk) post(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	q, err := requestOf(ctx, in, on.Type != "Patient")
	if err != nil {
		return nil, err
	}
	return d.answer(ctx, s, on, q)
}

func (d *Desk) answer(ctx context.Context, s fhir.Server, on fhir.Key, q request) (*fhir.Response, error) {
	if err := mayIssue(ctx); err != nil {
		return nil, err
	}
	select {
	case d.drawing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-d.drawing }()
	persons, err := d.persons(ctx, s, on, q)
	if err != nil {
		return nil, err
	}
	cards, refused, err := d.issue(ctx, s, persons, q.renew)
	if err != nil {
		return nil, err
	}
	if len(cards) == 0 && len(refused) > 0 {
		return nil, allRefused(refused)
	}
	if q.media == mediaFHIR {
		return d.records(on, cards, refused), nil
	}
	return d.drawn(ctx, s, q, cards)
}

// persons gives whose cards are asked for: one page of them.
func (d *Desk) persons(ctx context.Context, s fhir.Server, on fhir.Key, q request) (persons []fhir.Key, err error) {
	if on.Type == "Patient" {
		return []fhir.Key{on}, nil
	}
	err = s.View(ctx, func(r fhir.Reader) (err error) {
		if on.Type == "Group" {
			persons, err = d.membersOf(r, on)
		} else {
			persons, err = d.peopleOf(r, on)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	pages := (len(persons) + q.count - 1) / q.count
	switch {
	case pages == 0:
		return nil, refuse("", "nobody belongs to %s, so there is no card to make", on)
	case q.page == 0 && pages > 1:
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "%d persons belong to %s, more than %d cards at once; ask for page=1 to page=%d", len(persons), on, q.count, pages)
	case q.page > pages:
		return nil, fhir.Errorf(fhir.IssueValue, "page", "there are %d pages of %d cards", pages, q.count)
	}
	from := max(0, q.page-1) * q.count
	return persons[from:min(len(persons), from+q.count)], nil
}

// allRefused tells why nobody has a card.
func allRefused(refused []refusal) error {
	o := &fhir.Outcome{}
	for _, r := range refused {
		o.Issues = append(o.Issues, r.outcome.Issues...)
	}
	return o
}

// drawn answers with the cards as they are printed.
func (d *Desk) drawn(ctx context.Context, s fhir.Server, q request, cards []issued) (*fhir.Response, error) {
	title := "Membership cards"
	if len(cards) == 1 {
		title = "Membership card " + cards[0].number
	}
	var pdf *drawing.PDF
	for i := range cards {
		c := &cards[i]
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.View(ctx, func(r fhir.Reader) error { return fetchPhoto(r, &c.person) }); err != nil {
			return nil, err
		}
		face, err := d.draw(*c)
		if err != nil {
			return nil, err
		}
		switch q.media {
		case mediaSVG:
			return &fhir.Response{MediaType: mediaSVG, Media: face.SVG()}, nil
		case mediaPNG:
			file, err := face.PNG()
			return &fhir.Response{MediaType: mediaPNG, Media: file}, err
		}
		if pdf == nil {
			pdf = drawing.NewPDF(q.sheet, title, c.made())
		}
		pdf.Add(face)
		c.photo = nil
	}
	file, err := pdf.Bytes()
	return &fhir.Response{MediaType: mediaPDF, Media: file}, err
}

// records answers with the records of the cards: that of a person, or a Bundle
// with those of many and why others have none.
func (d *Desk) records(on fhir.Key, cards []issued, refused []refusal) *fhir.Response {
	if on.Type == "Patient" {
		return &fhir.Response{Resource: cards[0].record.resource}
	}
	var b strings.Builder
	b.WriteString(`{"resourceType":"Bundle","type":"collection"`)
	separator := `,"entry":[`
	for _, c := range cards {
		fmt.Fprintf(&b, `%s{"fullUrl":%s,"resource":%s}`, separator, quote(d.Base+"/"+c.record.resource.Key.String()), c.record.resource.Body)
		separator = ","
	}
	if len(refused) > 0 {
		fmt.Fprintf(&b, `%s{"resource":{"resourceType":"OperationOutcome","issue":[`, separator)
		for i, r := range refused {
			if i > 0 {
				b.WriteByte(',')
			}
			issue := r.outcome.Issues[0]
			fmt.Fprintf(&b, `{"severity":"warning","code":%q,"diagnostics":%s}`, issue.Code, quote(issue.Diagnostics))
		}
		b.WriteString(`]}}`)
		separator = ","
	}
	if separator == "," {
		b.WriteByte(']')
	}
	b.WriteByte('}')
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Body: []byte(b.String())}}
}
