// Package attachment looks at the papers that come with claims, and with answers
// to questions about them: how large they are, of which kind, and whether a virus
// scanner finds something.
//
// Size and kind are a Rule, asked of every way in. The scanner is another system
// and takes its time, so it is a Screen: it is asked before the transaction
// begins.
package attachment

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"bima/fhir"
)

// detailAttachment tells what is wrong with an attachment from other refusals.
const detailAttachment fhir.Detail = "attachment"

// MaxBytes is the size of an attachment that is taken where the scheme says
// nothing else: 5 MiB.
const MaxBytes = 5 << 20

// Types are the media types that are taken where the scheme says nothing else:
// scans, photos and letters.
func Types() []string {
	return []string{
		"application/pdf", "image/jpeg", "image/png", "image/tiff", "text/plain", "application/msword",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	}
}

// A Scanner looks for what would harm whoever opens a file. It gives the name of
// what it found, "" where there is nothing; an error where it could not look.
type Scanner interface {
	Scan(ctx context.Context, data []byte) (found string, err error)
}

// Settings are what a scheme may choose. The zero value takes Types of up to
// MaxBytes, and scans nothing.
type Settings struct {
	MaxBytes int      // of one attachment; 0 is MaxBytes
	Types    []string // media types that are taken; none is Types
	Scanner  Scanner  // nil scans nothing
}

// Module makes the module of attachments.
func (s Settings) Module() fhir.Module {
	m := fhir.Module{Name: "attachment", Rules: []fhir.Rule{{Types: guarded, Check: s.check}}}
	if s.Scanner != nil {
		m.Rules = append(m.Rules, fhir.Rule{Types: files, Check: func(_ context.Context, _ fhir.Reader, c fhir.Change) error {
			if c.After == nil {
				return nil
			}
			return seen(c, papers(c.Node))
		}})
		m.Screens = []fhir.Screen{{Types: append(slices.Clone(guarded), files...), Look: s.scan}}
	}
	return m
}

// A paper is an Attachment, or a Binary, and where it stands.
type paper struct {
	at   string
	node fhir.Node
}

// guarded are the resources of which attachments are checked, files those that come
// beside a claim or by themselves, and are scanned.
var (
	guarded = []string{"Claim", "Communication"}
	files   = []string{"Binary", "DocumentReference", "Media", "DiagnosticReport", "Consent", "QuestionnaireResponse"}
)

// papers finds what came along with a resource.
func papers(n fhir.Node) []paper {
	typ := n.Get("resourceType").Text()
	list := each(nil, n, typ+".supportingInfo", "supportingInfo", "valueAttachment")
	list = each(list, n, typ+".payload", "payload", "contentAttachment")
	if !slices.Contains(guarded, typ) {
		return among(list, typ, n)
	}
	return among(list, typ+".contained", n.Get("contained"))
}

// among adds what stands below a node, wherever that is.
func among(list []paper, at string, n fhir.Node) []paper {
	if n.Kind() == fhir.KindObject {
		data := n.Get("data").Kind() == fhir.KindString && !n.Get("origin").Exists() && !n.Get("sigFormat").Exists()
		if data || n.Get("contentType").Exists() || strings.HasSuffix(strings.ToLower(n.Name()), "attachment") {
			return append(list, paper{at, n})
		}
	}
	i := -1
	for child := range n.All() {
		i++
		if n.Kind() == fhir.KindArray {
			list = among(list, fmt.Sprintf("%s[%d]", at, i), child)
		} else {
			list = among(list, at+"."+strings.TrimSuffix(child.Name(), "Attachment"), child)
		}
	}
	return list
}

// each adds an element of each entry of a list.
func each(list []paper, n fhir.Node, at, name, element string) []paper {
	i := -1
	for entry := range n.Get(name).Each() {
		i++
		if a := entry.Get(element); a.Exists() {
			list = append(list, paper{fmt.Sprintf("%s[%d].%s", at, i, strings.TrimSuffix(element, "Attachment")), a})
		}
	}
	return list
}

// check is the Rule: attachments are of a size and kind that is taken, and those
// that a scanner has not seen are not patched in.
func (s Settings) check(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	list := papers(c.Node)
	if len(list) == 0 {
		return nil
	}
	out := &fhir.Outcome{}
	for _, p := range list {
		if err := s.fits(p); err != nil {
			out.Issues = append(out.Issues, fhir.OutcomeOf(err).Issues...)
		}
	}
	if out.Failed() {
		return out
	}
	if s.Scanner == nil {
		return nil
	}
	return seen(c, list)
}

// seen refuses a patch that brings what a scanner has not seen.
func seen(c fhir.Change, list []paper) error {
	if c.Method == fhir.MethodPatch && !known(c.Before, list) {
		return fhir.Detailf(fhir.IssueBusinessRule, detailAttachment, list[0].at, "attachments are scanned, which a patch can't wait for; send the whole resource by PUT")
	}
	return nil
}

// known reports whether a version before had the data of all papers.
func known(before *fhir.Resource, list []paper) bool {
	if before == nil {
		return len(list) == 0
	}
	return !slices.ContainsFunc(list, func(p paper) bool {
		data := p.node.Get("data")
		return data.Exists() && !bytes.Contains(before.Body, data.Raw())
	})
}

// fits refuses an attachment that is too large, or of a kind that is not taken.
func (s Settings) fits(p paper) error {
	refuse := func(element, format string, args ...any) error {
		return fhir.Detailf(fhir.IssueBusinessRule, detailAttachment, p.at+element, format, args...)
	}
	types := s.Types
	if len(types) == 0 {
		types = Types()
	}
	kind, _, _ := strings.Cut(strings.ToLower(p.node.Get("contentType").Text()), ";")
	if kind = strings.TrimSpace(kind); !slices.Contains(types, kind) {
		return refuse(".contentType", "an attachment of the type %.80q is not taken; these are: %s", kind, strings.Join(types, ", "))
	}
	most := s.MaxBytes
	if most == 0 {
		most = MaxBytes
	}
	text := p.node.Get("data").Text()
	if size := base64.StdEncoding.DecodedLen(len(text)); size > most+2 {
		return refuse(".data", "an attachment has %d bytes at most, this one has %d", most, size)
	}
	if text == "" {
		return nil
	}
	data, err := decode(text)
	if err != nil {
		return refuse(".data", "the data is not base64")
	}
	if len(data) > most {
		return refuse(".data", "an attachment has %d bytes at most, this one has %d", most, len(data))
	}
	if begin, ok := beginnings[kind]; ok && strings.HasPrefix(p.at, "Claim.") && !bytes.HasPrefix(data, []byte(begin)) {
		return refuse(".data", "the data is not of the type %s that it is said to be", kind)
	}
	return nil
}

// beginnings are the first bytes of files of some types, which papers of claims
// must have: nobody is sent a program that is said to be a photo.
var beginnings = map[string]string{"application/pdf": "%PDF-", "image/png": "\x89PNG\r\n\x1a\n", "image/jpeg": "\xff\xd8\xff"}

// decode reads base64, which R4 lets have white space.
func decode(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
}

// scan is the Screen: what a scanner finds something in is refused, and nothing is
// taken unseen.
func (s Settings) scan(ctx context.Context, n fhir.Node) error {
	for _, p := range papers(n) {
		data, err := decode(p.node.Get("data").Text())
		if err != nil {
			return fhir.Detailf(fhir.IssueBusinessRule, detailAttachment, p.at+".data", "the data is not base64")
		}
		if len(data) == 0 {
			continue
		}
		found, err := s.Scanner.Scan(ctx, data)
		if err != nil {
			return fhir.Detailf(fhir.IssueTransient, detailAttachment, p.at, "the attachment can't be scanned for viruses now; try again later: %w", err)
		}
		if found != "" {
			return fhir.Detailf(fhir.IssueBusinessRule, detailAttachment, p.at, "the attachment holds %.80q and is not taken", found)
		}
	}
	return nil
}
