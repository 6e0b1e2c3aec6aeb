package enrolment

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/profiles"
)

// A problem is why a row can't be taken, and what can be done.
type problem struct{ column, says, wayOut string }

// A person is a row as it was understood.
type person struct {
	row          Row
	birth, sex   string
	relationship string // openIMIS's code; "" of the head, or where it is not known
	joined       string
	home         home
	head         bool
}

var sexes = map[string]string{
	"m": "male", "male": "male", "me": "male", "f": "female", "female": "female", "ke": "female",
	"o": "other", "other": "other", "u": "unknown", "unknown": "unknown",
}

// relationshipWords are openIMIS's codes by their words.
var relationshipWords = map[string]string{
	"head": "", "brother": "1", "sister": "1", "brother/sister": "1", "father": "2", "mother": "2", "parent": "2", "father/mother": "2",
	"uncle": "3", "aunt": "3", "uncle/aunt": "3", "son": "4", "daughter": "4", "child": "4", "son/daughter": "4", "grandparent": "5", "grandparents": "5",
	"employee": "6", "other": "7", "others": "7", "spouse": "8", "wife": "8", "husband": "8",
}

// read reads a row; what is wrong with it is in the problems.
func (f *Family) read(row Row, today string) (person, []problem) {
	var wrong []problem
	note := func(column, wayOut, format string, args ...any) {
		wrong = append(wrong, problem{column, fmt.Sprintf(format, args...), wayOut})
	}
	p := person{row: row, head: f.isHead(row)}
	for _, column := range required {
		if row.get(column) == "" {
			note(column, "fill it in", "%s is missing", column)
		}
	}
	var ok bool
	if p.birth, ok = dayOf(row.get(columnBirth)); !ok && row.get(columnBirth) != "" {
		note(columnBirth, "write it as 1990-05-17, or as 1990 where only the year is known", "%q is no date", row.get(columnBirth))
	}
	if p.birth > today {
		note(columnBirth, "correct the year", "%s is in the future", p.birth)
	}
	if p.sex = sexes[strings.ToLower(row.get(columnSex))]; p.sex == "" && row.get(columnSex) != "" {
		note(columnSex, "write M, F, O or U", "%q is none", row.get(columnSex))
	}
	if text := strings.ToLower(row.get(columnRelationship)); text != "" {
		code, known := relationshipWords[text]
		if !known {
			code, known = text, len(text) == 1 && text >= "1" && text <= "8"
		}
		if p.relationship = code; !known {
			note(columnRelationship, "write a number from 1 to 8, or a word such as spouse or child", "%q is none", row.get(columnRelationship))
		}
	}
	if p.joined, ok = dayOf(row.get(columnJoined)); !ok && row.get(columnJoined) != "" || ok && len(p.joined) < len(time.DateOnly) {
		note(columnJoined, "write it as 2026-01-31", "%q is no day", row.get(columnJoined))
	}
	if (row.get(columnOther) == "") != (row.get(columnOtherSystem) == "") {
		note(columnOther, "give both, or neither", "%s and %s belong together", columnOther, columnOtherSystem)
	}
	if code := row.get(columnFamilyType); code != "" && !slices.Contains([]string{"C", "G", "H", "O", "P", "S", "T"}, strings.ToUpper(code)) {
		note(columnFamilyType, "write C, G, H, O, P, S or T", "%q is none", code)
	}
	if _, known := yes[strings.ToLower(row.get(columnPoor))]; !known {
		note(columnPoor, "write yes or no", "%q is neither", row.get(columnPoor))
	}
	return p, wrong
}

var yes = map[string]bool{"": false, "yes": true, "y": true, "1": true, "true": true, "no": false, "n": false, "0": false, "false": false}

// dayOf reads a date: 1990-05-17, 17/05/1990 or 17.05.1990 with the day first, or
// a year.
func dayOf(text string) (string, bool) {
	for _, layout := range []string{time.DateOnly, "2/1/2006", "2.1.2006", "2006-01", "2006"} {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if len(layout) == 4 || len(layout) == 7 {
			return text, true
		}
		return t.Format(time.DateOnly), true
	}
	return "", false
}

// id gives the id of a person without an insurance number, always the same for
// the same row, so that a table may be sent again.
func (p person) id() string {
	var parts []string
	for _, column := range []string{
		columnHead, columnFamily, columnNational, columnOtherSystem, columnOther, columnFamilyName, columnGivenNames,
		columnBirth, columnSex, columnVillage, columnWard, columnDistrict, columnRegion,
	} {
		parts = append(parts, strings.ToLower(p.row.get(column)))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "row-" + hex.EncodeToString(sum[:16])
}

// url is by what the family refers to the person.
func (p person) url() string {
	return fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012x", p.row.Number)
}

// patient gives the Patient of a row.
func (p person) patient() map[string]any {
	row := p.row
	body := map[string]any{
		"resourceType": "Patient", "active": true, "gender": p.sex, "birthDate": p.birth,
		"name": []any{map[string]any{
			"use": "official", "family": row.get(columnFamilyName), "given": strings.Fields(row.get(columnGivenNames)),
			"text": row.get(columnGivenNames) + " " + row.get(columnFamilyName),
		}},
	}
	var identifiers []any
	coded := func(use, code, system, value string) {
		if value != "" {
			identifiers = append(identifiers, map[string]any{
				"use": use, "system": system, "value": value,
				"type": map[string]any{"coding": []any{map[string]any{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": code}}},
			})
		}
	}
	coded("official", "MB", profiles.IdentifierInsuranceNumber, row.get(columnNumber))
	coded("secondary", "NI", profiles.IdentifierNational, row.get(columnNational))
	if value := row.get(columnOther); value != "" {
		identifiers = append(identifiers, map[string]any{"use": "secondary", "system": row.get(columnOtherSystem), "value": value})
	}
	if identifiers != nil {
		body["identifier"] = identifiers
	}
	if row.get(columnNumber) == "" {
		body["id"] = p.id()
	}
	if phone := row.get(columnPhone); phone != "" {
		body["telecom"] = []any{map[string]any{"system": "phone", "use": "mobile", "value": phone}}
	}
	if a := p.address(); a != nil {
		body["address"] = []any{a}
	}
	return body
}

// address gives where the person lives; nil where nothing is known of it.
func (p person) address() map[string]any {
	a := map[string]any{}
	for name, text := range map[string]string{
		"text": p.row.get(columnAddress), "city": p.home.name, "district": p.home.district, "state": p.home.region,
	} {
		if text != "" {
			a[name] = text
		}
	}
	var extensions []any
	if !p.home.village.IsZero() {
		extensions = append(extensions, map[string]any{"url": profiles.ExtensionOpenIMISAddressLocation, "valueReference": map[string]any{"reference": p.home.village.String()}})
	}
	if p.home.ward != "" {
		extensions = append(extensions, map[string]any{"url": profiles.ExtensionOpenIMISAddressMunicipality, "valueString": p.home.ward})
	}
	if extensions != nil {
		a["extension"] = extensions
	}
	if len(a) == 0 {
		return nil
	}
	a["use"], a["type"] = "home", "physical"
	return a
}
