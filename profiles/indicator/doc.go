// Package indicator is the package "HF" of health-financing indicators as data:
// what is counted, by which categories, and the codes and UIDs under which DHIS2
// knows it. It reads nothing and counts nothing; resources/measure counts, and
// connect/dhis2 speaks to DHIS2.
//
// # How a number is stored
//
// A number is kept in a MeasureReport: one for each data set (Measure), place and
// period, under the id that ReportID gives:
//
//	{"resourceType": "MeasureReport", "id": "hf-enrol-202608-3f0a…", "status": "complete", "type": "summary",
//	 "measure": "https://bima.example/fhir/Measure/hf-enrol", "date": "2026-09-01T00:05:00Z",
//	 "reporter": {"reference": "Location/ward-7"}, "period": {"start": "2026-08-01", "end": "2026-08-31"},
//	 "group": [
//	   {"code": {"coding": [{"system": SystemElement, "code": "HF_ENR_PERSONS_ACTIVE"}]},
//	    "population": [{"code": {"coding": [{"system": SystemPopulation, "code": "initial-population"}]}, "count": 40}],
//	    "stratifier": [{"code": [{"coding": [{"system": SystemCombo, "code": "HF_CC_SAP"}]}],
//	      "stratum": [{
//	        "component": [
//	          {"code": {"coding": [{"system": SystemCategory, "code": "HF_SEX"}]}, "value": {"coding": [{"system": SystemOption, "code": "HF_SEX_F"}]}},
//	          {"code": {"coding": [{"system": SystemCategory, "code": "HF_AGE"}]}, "value": {"coding": [{"system": SystemOption, "code": "HF_AGE_00_05"}]}},
//	          {"code": {"coding": [{"system": SystemCategory, "code": "HF_POV"}]}, "value": {"coding": [{"system": SystemOption, "code": "HF_POV_POOR"}]}}],
//	        "population": [{"code": …, "count": 12}]}]}]}]}
//
// There is a group for each data element of the data set, in the order of
// Package.Elements, and in it at most one stratifier. Each category of the
// element's combo is one component of a stratum, in the combo's order; Cell gives
// the code of the category option combo of these options. A group without a
// combo (DefaultCombo) has no stratifier: its own number is the value.
//
// A count is population.count. An amount is measureScore {"value": 1500.5, "unit":
// "TZS", "system": SystemCurrency, "code": "TZS"}, days are measureScore {"value":
// 12, "unit": "d", "system": SystemUCUM, "code": "d"}; population.count is then
// of how many events it is the sum. The group's own count and score are the sums
// over its cells.
//
// Only cells that hold something, or were reported before, have a stratum: what
// was reported once and is nothing now stays, as 0. A place of which nothing was
// ever counted in a period has no report.
//
// A number that is hidden since too few people stand behind it is left out, with
// R4's mark in its place: "_count" or the Quantity with the extension
// DataAbsentReason of the valueCode "masked". Such a cell is not sent to DHIS2.
//
// A report changes only when one of its numbers does.
package indicator
