package enrolment

import (
	"context"
	"fmt"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// villagesAtOnce is how many villages are read at a time.
const villagesAtOnce = 500

// An address is one that names a village.
type address struct{ at string }

// checkVillages refuses addresses whose village is no village of the tree.
func (s Settings) checkVillages(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	asked := map[fhir.Key]address{}
	var keys []fhir.Key
	for _, c := range changes {
		if c.After == nil {
			continue
		}
		named := 0
		for at, extension := range villagesIn(c.Type, c.Node) {
			named++
			k := r4.Target(extension.Get("valueReference"))
			if k.Type != "Location" {
				return refuse(detailPlace, at, "a village is a Location of this server, by reference")
			}
			if _, known := asked[k]; !known {
				asked[k] = address{at}
				keys = append(keys, k)
			}
		}
		if s.VillageRequired && named == 0 && c.Type == "Group" && c.Node.Identifier(profiles.IdentifierFamily) != "" && c.Node.Get("active").Text() != "false" {
			return refuse(detailPlace, "Group.extension", "a family lives in a village: name it in the extension %s of its address (%s)",
				profiles.ExtensionOpenIMISAddressLocation, profiles.ExtensionOpenIMISGroupAddress)
		}
	}
	for len(keys) > 0 {
		n := min(len(keys), villagesAtOnce)
		if err := s.checkSome(tx, keys[:n], asked); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

func (s Settings) checkSome(tx fhir.Tx, keys []fhir.Key, asked map[fhir.Key]address) error {
	found, err := tx.ReadMany(keys)
	if err != nil {
		return err
	}
	there := make(map[fhir.Key]bool, len(found))
	for _, r := range found {
		doc, err := fhir.Parse(r.Body)
		if err != nil {
			return err
		}
		there[r.Key] = true
		if level := levelOf(doc.Root()); level != s.village() {
			return refuse(detailPlace, asked[r.Key].at, "%s is no village: its type is %q, and that of a village is %q", r.Key, level, s.village())
		}
		if doc.Root().Get("status").Text() == "inactive" {
			return refuse(detailPlace, asked[r.Key].at, "the village %s is not in use any more; name the one that has taken its place", r.Key)
		}
	}
	for _, k := range keys {
		if !there[k] {
			return refuse(detailPlace, asked[k].at, "there is no %s; look up the village in the tree of places", k)
		}
	}
	return nil
}

// villagesIn gives the extensions by which a person or family names a village,
// by where they stand.
func villagesIn(typ string, n fhir.Node) map[string]fhir.Node {
	found := map[string]fhir.Node{}
	add := func(at string, address fhir.Node) {
		if e := address.Extension(profiles.ExtensionOpenIMISAddressLocation); e.Exists() {
			found[at+".extension('"+profiles.ExtensionOpenIMISAddressLocation+"')"] = e
		}
	}
	if typ == "Group" {
		add("Group.extension('"+profiles.ExtensionOpenIMISGroupAddress+"').value", n.Extension(profiles.ExtensionOpenIMISGroupAddress).Get("valueAddress"))
		return found
	}
	i := -1
	for a := range n.Get("address").Each() {
		i++
		add(fmt.Sprintf("Patient.address[%d]", i), a)
	}
	return found
}

// levelOf gives the level of a place in the tree, "V".
func levelOf(location fhir.Node) string {
	for t := range location.Get("type").Each() {
		if code := t.Code(profiles.SystemOpenIMISLocation); code != "" {
			return strings.Clone(code)
		}
	}
	return ""
}

func refuse(detail fhir.Detail, expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detail, expression, format, args...)
}
