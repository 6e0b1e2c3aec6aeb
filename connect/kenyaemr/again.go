package kenyaemr

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

// againMax bounds how many claims of one uuid are looked at.
const againMax = 20

// saidPart is where the extension translated keeps the digest of what was sent.
const saidPart = "said"

// named leaves away extensions that OpenMRS writes of its own records, such as
// dateChanged: they have no URL, and come and go as somebody opens the claim there.
func named(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			named(e)
		}
	case dialect.Object:
		for name, member := range v {
			if name != "extension" && name != "modifierExtension" {
				named(member)
				continue
			}
			kept := []any{}
			for _, one := range dialect.Each(v, name) {
				if strings.Contains(dialect.Text(one, "url"), ":") {
					kept = append(kept, one)
				}
			}
			if v[name] = kept; len(kept) == 0 {
				delete(v, name)
			}
		}
	}
}

// digest gives what a Claim says in its client's words, as a text of 64 digits: all
// but when it was written, and the names of those it refers to. What it is translated
// by may change between two sendings, as a ConceptMap does, and who is enrolled.
func (m *message) digest(c dialect.Object) string {
	said := maps.Clone(c)
	delete(said, "created")
	hash := sha256.New()
	_, _ = hash.Write(dialect.Write(said))
	for _, ref := range references(said) {
		text := dialect.Text(ref, "reference")
		for _, name := range m.names(ref, text, dialect.Target(text).ID) {
			_, _ = hash.Write([]byte("\n" + text + "\t" + name.System + "|" + name.Value))
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// references gives those of a Claim that parties are named by, in one order.
func references(c dialect.Object) []dialect.Object {
	var all []dialect.Object
	for _, name := range []string{"patient", "provider", "insurer", "enterer", "facility"} {
		all = append(all, dialect.Child(c, name))
	}
	for _, one := range dialect.Each(c, "insurance") {
		all = append(all, dialect.Child(one, "coverage"))
	}
	for _, one := range dialect.Each(c, "careTeam") {
		all = append(all, dialect.Child(one, "provider"))
	}
	return slices.DeleteFunc(all, func(ref dialect.Object) bool { return ref == nil })
}

// again finds the claim that a refused one is, sent before, which became another one
// of R4 then, or which was said in other words; nil is none.
func (f *front) again(r *http.Request, claim dialect.Object) *connect.Answer {
	acsn := dialect.Text(dialect.Each(claim, "identifier")[0], "value")
	query := url.Values{"identifier": {profiles.IdentifierPeerClaim + "|" + dialect.Escape(acsn)}, "_count": {strconv.Itoa(againMax)}}
	a := f.gate.Ask(r, connect.Question{Path: "Claim?" + query.Encode()})
	if !a.OK() {
		return nil
	}
	said := dialect.Text(dialect.Extension(dialect.Extension(claim, profiles.ExtensionTranslated), saidPart), "valueString")
	for e := range a.Node().Get("entry").Each() {
		before := e.Get("resource")
		was := before.Extension(profiles.ExtensionTranslated).Extension(saidPart).Get("valueString").Text()
		if was != said && !undigestedSame(dialect.ObjectOf(before), claim) {
			continue
		}
		location := f.gate.Base() + "/Claim/" + before.Get("id").Text() + "/_history/" + before.At("meta", "versionId").Text()
		return &connect.Answer{Status: http.StatusOK, Header: http.Header{"Location": {location}}}
	}
	return nil
}

// undigestedSame reports whether two translated Claims say the same in R4, whatever
// was said to become that: 8000 is 8000.00, and who is found by one of his numbers is
// the same when he is sent with another one beside it. What was stored before digests
// were kept may have extensions that are left away now.
func undigestedSame(before, claim dialect.Object) bool {
	named(before)
	a, err := fhir.Parse(dialect.Write(undigested(before)))
	if err != nil {
		return false
	}
	b, err := fhir.Parse(dialect.Write(undigested(claim)))
	return err == nil && len(fhir.Differences(a.Root(), b.Root())) == 0
}

// undigested gives a translated Claim without the digest of what was said.
func undigested(claim dialect.Object) dialect.Object {
	c, kept := maps.Clone(claim), []any{}
	for _, one := range dialect.Each(claim, "extension") {
		if dialect.Text(one, "url") == profiles.ExtensionTranslated {
			one = maps.Clone(one)
			one["extension"] = slices.DeleteFunc(dialect.Each(one, "extension"), func(part dialect.Object) bool { return dialect.Text(part, "url") == saidPart })
		}
		kept = append(kept, one)
	}
	c["extension"] = kept
	return c
}
