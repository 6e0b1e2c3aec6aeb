package interaction

import (
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
)

// A precondition is what If-Match and If-None-Match ask of the current version.
// Source: R4 http#concurrency, http#cond-update; RFC 9110 section 13.1.
type precondition struct {
	match    string  // If-Match as sent, for the message; "" does not ask
	present  bool    // If-Match: *
	versions []int64 // the versions If-Match names
	absent   bool    // If-None-Match: *
}

// preconditions reads the two headers.
func preconditions(ifMatch, ifNoneMatch string) (precondition, error) {
	p := precondition{match: ifMatch, present: strings.TrimSpace(ifMatch) == "*"}
	switch strings.TrimSpace(ifNoneMatch) {
	case "":
	case "*":
		p.absent = true
	default:
		return p, fhir.Errorf(fhir.IssueNotSupported, "", "If-None-Match on a write can only be *, not %.60q; to guard against lost updates send If-Match", ifNoneMatch)
	}
	if !p.present {
		p.versions = versionsOf(ifMatch)
	}
	return p, nil
}

// versionIs asks for one version; 0 does not ask.
func versionIs(version int64) precondition {
	if version == 0 {
		return precondition{}
	}
	return precondition{match: strconv.FormatInt(version, 10), versions: []int64{version}}
}

// versionsOf reads entity tags: W/"3", "3", and also a bare 3. What is no version
// of ours is left out, and so matches nothing.
func versionsOf(tags string) []int64 {
	var versions []int64
	for tag := range strings.SplitSeq(tags, ",") {
		tag = strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`)
		if v, err := strconv.ParseInt(tag, 10, 64); err == nil && v > 0 {
			versions = append(versions, v)
		}
	}
	return versions
}

// check refuses when the current version, nil where there is none, is not as
// asked.
func (p precondition) check(k fhir.Key, current *fhir.Resource) error {
	exists := current != nil && !current.Deleted
	if p.absent && exists {
		return fhir.Detailf(fhir.IssueConflict, fhir.DetailPrecondition, "",
			"%s is there already, at version %d; without If-None-Match this would update it", k, current.Version)
	}
	if p.match == "" || p.present && exists {
		return nil
	}
	if !exists {
		return fhir.Detailf(fhir.IssueConflict, fhir.DetailVersionConflict, "",
			"If-Match asks for version %.60s of %s, which is not there", p.match, k)
	}
	if slices.Contains(p.versions, current.Version) {
		return nil
	}
	return fhir.Detailf(fhir.IssueConflict, fhir.DetailVersionConflict, "",
		"%s is at version %d now, not %.60s as If-Match asks; read it again and repeat the change on what is there", k, current.Version, p.match)
}

// and joins what two sources ask; the other's If-Match stands where it has one.
func (p precondition) and(other precondition) precondition {
	other.absent = other.absent || p.absent
	return other
}
