package card

import (
	"encoding/base64"
	"strings"
	"unicode"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A person is what a card says of its bearer.
type person struct {
	key       fhir.Key
	number    string
	names     []string // the first as the scheme writes it, then one in another script
	birthDate string
	gender    string
	photo     []byte   // nil where there is none
	photoAt   fhir.Key // the Binary that holds it; may be zero
}

// namesMax is how many names are looked at.
const namesMax = 20

// personOf reads a Patient. It fails where he can't have a card.
func (d *Desk) personOf(k fhir.Key, n fhir.Node) (person, error) {
	p := person{
		key: k, number: strings.Clone(n.Identifier(profiles.IdentifierInsuranceNumber)), names: namesOf(n),
		birthDate: strings.Clone(n.Get("birthDate").Text()), gender: strings.Clone(n.Get("gender").Text()),
	}
	if p.number == "" {
		return p, refuse("Patient.identifier", "%s has no insurance number, so no card can be made; give him one with the system %s", k, profiles.IdentifierInsuranceNumber)
	}
	if isDead(n) {
		return p, refuse("Patient.deceased", "%s has died, so no card can be made", k)
	}
	d.findPhoto(&p, n.Get("photo").First())
	return p, nil
}

func isDead(n fhir.Node) bool {
	return n.Get("deceasedDateTime").Exists() || n.Get("deceasedBoolean").Text() == "true"
}

// namesOf gives the name in use, the official one where there is one, and after
// it the first that is in another script.
func namesOf(n fhir.Node) []string {
	var names []string
	count := 0
	for name := range n.Get("name").Each() {
		if count++; count > namesMax {
			break
		}
		text := nameText(name)
		switch use := name.Get("use").Text(); {
		case text == "", use == "old", use == "maiden", use == "anonymous":
		case use == "official":
			names = append([]string{text}, names...)
		default:
			names = append(names, text)
		}
	}
	for i := 1; i < len(names); i++ {
		if script(names[i]) != script(names[0]) {
			return []string{names[0], names[i]}
		}
	}
	return names[:min(1, len(names))]
}

// nameText gives a HumanName as it is read out.
func nameText(name fhir.Node) string {
	if text := name.Get("text").Text(); text != "" {
		return strings.Clone(text)
	}
	var parts []string
	for given := range name.Get("given").Each() {
		parts = append(parts, given.Text())
	}
	return strings.TrimSpace(strings.Join(append(parts, name.Get("family").Text()), " "))
}

// script gives the script of the first letter that has one of those that names
// are written in.
func script(text string) string {
	for _, r := range text {
		for name, table := range map[string]*unicode.RangeTable{"Latin": unicode.Latin, "Devanagari": unicode.Devanagari, "Arabic": unicode.Arabic} {
			if unicode.Is(table, r) {
				return name
			}
		}
	}
	return ""
}

// virama joins a letter of Devanagari to the one that follows.
const virama = '\u094d'

// initials shortens a name to the first letter of each word, with the marks and
// the joined letters that belong to it: "Ramesh Sanga" to "R. S.".
func initials(name string) string {
	var short []string
	for _, word := range strings.Fields(name) {
		end, joins := 0, false
		for i, r := range word {
			if i > 0 && !joins && !unicode.IsMark(r) {
				break
			}
			end, joins = i+len(string(r)), r == virama
		}
		short = append(short, word[:end]+".")
	}
	return strings.Join(short, " ")
}

// findPhoto takes the photo that is in the Patient, or notes which Binary of this
// server holds it. A photo elsewhere is not fetched.
func (d *Desk) findPhoto(p *person, photo fhir.Node) {
	if data := photo.Get("data").Text(); data != "" {
		p.photo, _ = base64.StdEncoding.DecodeString(data)
		return
	}
	ref := fhir.ParseReference(photo.Get("url").Text(), r4.IsResource)
	if ref.Type == "Binary" && ref.ID != "" && (ref.Base == "" || ref.Base == d.Base) {
		p.photoAt = fhir.Key{Type: "Binary", ID: strings.Clone(ref.ID)}
	}
}

// fetchPhoto reads the Binary that holds the photo; one that can't be read is
// left out.
func fetchPhoto(r fhir.Reader, p *person) error {
	if p.photo != nil || p.photoAt.IsZero() {
		return nil
	}
	n, found, err := read(r, p.photoAt)
	if err != nil || !found {
		return err
	}
	p.photo, _ = base64.StdEncoding.DecodeString(n.Get("data").Text())
	return nil
}

// read gives a resource that is there, and whether it is.
func read(r fhir.Reader, k fhir.Key) (fhir.Node, bool, error) {
	resource, err := r.Read(k)
	if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && resource.Deleted {
		return fhir.Node{}, false, nil
	}
	if err != nil {
		return fhir.Node{}, false, err
	}
	doc, err := fhir.Parse(resource.Body)
	if err != nil {
		return fhir.Node{}, false, err
	}
	return doc.Root(), true, nil
}
