// Package dhis2 speaks with DHIS2, by which ministries of health look at numbers.
//
// What is told are the indicators of bima/profiles/indicator: numbers of a place
// and a month, which stand in MeasureReports. Nothing is counted here.
//
//   - A Sender sends the numbers of a MeasureReport to a DHIS2 as soon as it changes
//     ("dhis2:Endpoint/hmis").
//   - A Front is what a DHIS2, or anything that reads one, finds at /dhis2/api: the
//     same numbers and what they mean, read only, as DHIS2's own API answers.
//   - The metadata package, at /dhis2/api/metadata.json, is what a DHIS2 imports to
//     know our numbers: its UIDs are made from codes, so that they are the same
//     everywhere.
//
// Places and facilities are Locations and Organizations; what they are to DHIS2 is
// in units.go.
package dhis2
