package receipt

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

const (
	mediaPDF = "application/pdf"
	// attempts is how often a receipt is written anew whose payment changed
	// meanwhile.
	attempts = 3
)

// print is $receipt by GET: the paper as it is now.
func (s Settings) print(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	language, w, err := s.language(in)
	if err != nil {
		return nil, err
	}
	if err := may(ctx, fhir.RoleAuditor); err != nil {
		return nil, err
	}
	f, err := s.look(ctx, server, on)
	if err != nil {
		return nil, err
	}
	file, err := f.pdf(w, s.Scheme)
	if err != nil {
		return nil, err
	}
	if asResource(fhir.AcceptOf(ctx)) {
		k := fhir.Key{Type: "Binary", ID: f.id(language)}
		return &fhir.Response{Resource: &fhir.Resource{Key: k, Body: f.binary(k, file)}}, nil
	}
	sum := sha256.Sum256(file)
	return &fhir.Response{MediaType: mediaPDF, Media: file, Tag: hex.EncodeToString(sum[:16])}, nil
}

// asResource reports whether a client takes FHIR only: it is given the file in a
// Binary. Source: R4 http#binary.
func asResource(accept string) bool {
	for _, other := range []string{"pdf", "html", "application/*", "*/*"} {
		if strings.Contains(accept, other) {
			return false
		}
	}
	return strings.Contains(accept, "json") || strings.Contains(accept, "xml")
}

// file is $receipt by POST: the paper is kept, and stays as it is.
func (s Settings) file(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	language, w, err := s.language(in)
	if err != nil {
		return nil, err
	}
	if err := may(ctx); err != nil {
		return nil, err
	}
	for range attempts {
		f, err := s.look(ctx, server, on)
		if err != nil {
			return nil, err
		}
		response, err := s.filed(ctx, server, f, language, w)
		if err != nil || response != nil {
			return response, err
		}
	}
	return nil, fhir.Errorf(fhir.IssueConflict, "", "others keep changing the payment of %s; try again", on)
}

func (s Settings) look(ctx context.Context, server fhir.Server, on fhir.Key) (f *facts, err error) {
	err = server.View(ctx, func(r fhir.Reader) error {
		f, err = s.gather(r, on)
		return err
	})
	return f, err
}

// may refuses callers who have nothing to do with money.
func may(ctx context.Context, more ...fhir.Role) error {
	caller, _ := fhir.CallerOf(ctx)
	for _, role := range append(more, fhir.RoleAccountant, fhir.RoleEnrolmentOfficer, fhir.RoleIntegration) {
		if caller.Has(role) {
			return nil
		}
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s may not give out receipts; that is for the roles %s and %s", caller.Name, fhir.RoleAccountant, fhir.RoleEnrolmentOfficer)
}

// language gives the language asked for, with its words.
func (s Settings) language(in *fhir.Resource) (string, words, error) {
	asked, err := languageIn(in)
	if err != nil {
		return "", words{}, err
	}
	if asked == "" {
		asked = s.Language
	}
	if asked == "" {
		asked = "en"
	}
	// A language of a country is that language: fr-CD is French.
	language, _, _ := strings.Cut(strings.ToLower(asked), "-")
	w, ok := wordsOf(language)
	if !ok {
		return "", w, fhir.Errorf(fhir.IssueCodeInvalid, "language", "receipts are written in %s, not in %.20q", strings.Join(languages(), ", "), asked)
	}
	return language, w, nil
}

// languageIn reads the only parameter there is.
func languageIn(in *fhir.Resource) (asked string, err error) {
	if in == nil || len(in.Body) == 0 {
		return "", nil
	}
	n, err := parse(in)
	if err != nil {
		return "", err
	}
	if typ := n.Get("resourceType").Text(); typ != "Parameters" {
		return "", fhir.Errorf(fhir.IssueInvalid, "", "the operation takes a Parameters, not %.60q", typ)
	}
	for p := range n.Get("parameter").Each() {
		if name := p.Get("name").Text(); name != "language" {
			return "", fhir.Errorf(fhir.IssueNotSupported, "Parameters.parameter", "the operation has no parameter %.40q; it has language", name)
		}
		for m := range p.All() {
			if strings.HasPrefix(m.Name(), "value") {
				asked = m.Text()
			}
		}
	}
	return asked, nil
}

// id gives what a receipt in a language is kept under: one for the payment as it
// stands, another once it was taken back.
func (f *facts) id(language string) string { return idOf(f.notice, f.number, language, f.reversed()) }

func idOf(notice fhir.Key, number, language string, reversed bool) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "receipt|%s|%s|%s|%t", notice, number, language, reversed))
	return hex.EncodeToString(sum[:16])
}

// filed keeps the receipt, or finds it kept; nil where the payment changed since
// it was looked at.
func (s Settings) filed(ctx context.Context, server fhir.Server, f *facts, language string, w words) (*fhir.Response, error) {
	pdf, err := f.pdf(w, s.Scheme)
	if err != nil {
		return nil, err
	}
	k := fhir.Key{Type: "DocumentReference", ID: f.id(language)}
	response := &fhir.Response{}
	changed := false
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		if err := tx.Lock("receipt|" + k.ID); err != nil {
			return err
		}
		response.Status, changed = 200, false
		if there, err := fhir.Tree(tx, k); err != nil || there.Exists() {
			return err
		}
		now, err := s.gather(tx, f.notice)
		if err != nil {
			return err
		}
		if changed = now.seen != f.seen; changed {
			return nil
		}
		response.Status, response.Location = 201, k
		return f.keep(tx, k, language, w, pdf)
	})
	if err != nil || changed {
		return nil, err
	}
	err = server.View(ctx, func(r fhir.Reader) (err error) {
		response.Resource, err = r.Read(k)
		return err
	})
	return response, err
}

// keep writes the Binary and the DocumentReference; it takes the place of the one
// from before the payment was taken back.
func (f *facts) keep(tx fhir.Tx, k fhir.Key, language string, w words, pdf []byte) error {
	var replaces []relation
	if f.reversed() {
		old := fhir.Key{Type: k.Type, ID: idOf(f.notice, f.number, language, false)}
		n, err := fhir.Tree(tx, old)
		if err != nil {
			return err
		}
		if n.Exists() {
			e := fhir.NewEdit(n.Document())
			e.Set(n, "status", []byte(`"superseded"`))
			if _, err := tx.Update(&fhir.Resource{Key: old, Body: e.Bytes()}, 0); err != nil {
				return err
			}
			replaces = []relation{{"replaces", referenceJSON{old.String()}}}
		}
	}
	binary := fhir.Key{Type: "Binary", ID: k.ID}
	if _, err := tx.Update(&fhir.Resource{Key: binary, Body: f.binary(binary, pdf)}, 0); err != nil {
		return err
	}
	_, err := tx.Update(&fhir.Resource{Key: k, Body: f.spell(tx, k, binary, language, w, pdf, replaces)}, 0)
	return err
}

// binary writes the Binary with the file.
func (f *facts) binary(k fhir.Key, pdf []byte) []byte {
	return datatype.JSON(binaryJSON{
		ResourceType: "Binary", ID: k.ID, ContentType: mediaPDF, SecurityContext: referenceJSON{f.notice.String()},
		Data: base64.StdEncoding.EncodeToString(pdf),
	})
}

// spell writes the DocumentReference. Its subject can't be an organisation in R4.
func (f *facts) spell(tx fhir.Tx, k, binary fhir.Key, language string, w words, pdf []byte, replaces []relation) []byte {
	sum := sha1.Sum(pdf) // R4: Attachment.hash is SHA-1
	title := w.receipt + " " + f.number
	if f.reversed() {
		title += " " + w.reversed
	}
	d := documentJSON{
		ResourceType: "DocumentReference", ID: k.ID, Meta: metaJSON{[]string{profiles.ProfileReceipt}},
		Identifier: []identifierJSON{{profiles.IdentifierReceipt, f.number}}, Status: "current",
		Type:        typeJSON{[]codingJSON{{profiles.SystemDocument, "receipt", "Receipt"}}},
		Date:        tx.Now().Format("2006-01-02T15:04:05.000Z07:00"),
		RelatesTo:   replaces,
		Description: title + ", " + w.money(f.amount, f.currency),
		Content: []contentJSON{{attachmentJSON{
			mediaPDF, language, binary.String(), len(pdf), base64.StdEncoding.EncodeToString(sum[:]), title, tx.Now().Format(time.RFC3339),
		}}},
		Context: contextJSON{Related: []referenceJSON{{f.notice.String()}, {f.money.String()}}},
	}
	if f.subject.Type == "Patient" || f.subject.Type == "Group" {
		d.Subject = &referenceJSON{f.subject.String()}
	}
	return bytes.TrimSpace(datatype.JSON(d))
}

type (
	referenceJSON struct {
		Reference string `json:"reference"`
	}
	binaryJSON struct {
		ResourceType    string        `json:"resourceType"`
		ID              string        `json:"id"`
		ContentType     string        `json:"contentType"`
		SecurityContext referenceJSON `json:"securityContext"`
		Data            string        `json:"data"`
	}
	metaJSON struct {
		Profile []string `json:"profile"`
	}
	codingJSON struct {
		System  string `json:"system"`
		Code    string `json:"code"`
		Display string `json:"display"`
	}
	typeJSON struct {
		Coding []codingJSON `json:"coding"`
	}
	relation struct {
		Code   string        `json:"code"`
		Target referenceJSON `json:"target"`
	}
	attachmentJSON struct {
		ContentType string `json:"contentType"`
		Language    string `json:"language"`
		URL         string `json:"url"`
		Size        int    `json:"size"`
		Hash        string `json:"hash"`
		Title       string `json:"title"`
		Creation    string `json:"creation"`
	}
	contentJSON struct {
		Attachment attachmentJSON `json:"attachment"`
	}
	contextJSON struct {
		Related []referenceJSON `json:"related"`
	}
	documentJSON struct {
		ResourceType string           `json:"resourceType"`
		ID           string           `json:"id"`
		Meta         metaJSON         `json:"meta"`
		Identifier   []identifierJSON `json:"identifier"`
		Status       string           `json:"status"`
		Type         typeJSON         `json:"type"`
		Subject      *referenceJSON   `json:"subject,omitempty"`
		Date         string           `json:"date"`
		RelatesTo    []relation       `json:"relatesTo,omitempty"`
		Description  string           `json:"description"`
		Content      []contentJSON    `json:"content"`
		Context      contextJSON      `json:"context"`
	}
)
