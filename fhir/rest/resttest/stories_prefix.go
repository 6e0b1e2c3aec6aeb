package resttest

// prefixStories cover comparisons of dates, numbers and quantities with their
// precision. Source: R4 search#prefix, #date, #number, #quantity.
func prefixStories() []Story {
	return []Story{
		{"dates compare as intervals", []Scenario{
			people, // a 1990-04-01, b 1990-05, c 1991
			finds("a day", "Patient", "birthdate=1990-04-01", "a"),
			finds("a month has its days", "Patient", "birthdate=1990-04", "a"),
			finds("a year has its months", "Patient", "birthdate=1990", "ab"),
			finds("a day does not have its month", "Patient", "birthdate=1990-05-01", ""),
			finds("eq", "Patient", "birthdate=eq1990-04-01", "a"),
			finds("ne", "Patient", "birthdate=ne1990-04-01", "bc"),
			finds("lt", "Patient", "birthdate=lt1990-05-01", "a"),
			finds("le", "Patient", "birthdate=le1990-05", "ab"),
			finds("gt", "Patient", "birthdate=gt1990-04-01", "bc"),
			finds("ge", "Patient", "birthdate=ge1990-05", "bc"),
			finds("sa", "Patient", "birthdate=sa1990-05", "c"),
			finds("eb", "Patient", "birthdate=eb1990-05", "a"),
			finds("between", "Patient", "birthdate=ge1990-04-15&birthdate=le1990-12-31", "b"),
			finds("or", "Patient", "birthdate=1991,1990-04-01", "ac"),
			finds("a time with its zone", "Patient", "death-date=2020-02-03T12:00:00%2B02:00", "c"),
			finds("a time in another zone", "Patient", "death-date=2020-02-03T10:00:00%2B02:00", ""),
			finds("ap", "Patient", "birthdate=ap1990-04-01", "*"),
		}},
		{"periods compare by their ends", []Scenario{
			put(
				`{"resourceType":"Encounter","id":"{run}-a","meta":{},"status":"finished","class":{"code":"AMB"},"period":{"start":"2020-01-10","end":"2020-01-20"}}`,
				`{"resourceType":"Encounter","id":"{run}-b","meta":{},"status":"in-progress","class":{"code":"AMB"},"period":{"start":"2020-01-15"}}`,
				`{"resourceType":"Encounter","id":"{run}-c","meta":{},"status":"finished","class":{"code":"AMB"},"period":{"end":"2020-01-12"}}`,
				`{"resourceType":"Encounter","id":"{run}-d","meta":{},"status":"planned","class":{"code":"AMB"}}`,
			),
			finds("gt looks at the end", "Encounter", "date=gt2020-01-12", "ab"),
			finds("ge: what ends on the day but began before is not in it", "Encounter", "date=ge2020-01-12", "ab"),
			finds("lt looks at the start", "Encounter", "date=lt2020-01-15", "ac"),
			finds("le: what begins on the day but ends after is not in it", "Encounter", "date=le2020-01-15", "ac"),
			finds("sa looks at the start", "Encounter", "date=sa2020-01-12", "b"),
			finds("eb looks at the end", "Encounter", "date=eb2020-01-15", "c"),
			finds("eq holds the whole", "Encounter", "date=2020", "a"),
			finds("eq of a part", "Encounter", "date=2020-01-15", ""),
			finds(":missing", "Encounter", "date:missing=true", "d"),
		}},
	}
}

// numberStories cover numbers and quantities. Source: R4 search#number, #quantity.
func numberStories() []Story {
	return []Story{
		{"numbers compare by their precision", []Scenario{
			put(
				`{"resourceType":"RiskAssessment","id":"{run}-a","meta":{},"status":"final","subject":{"reference":"Patient/x"},"prediction":[{"probabilityDecimal":0.50}]}`,
				`{"resourceType":"RiskAssessment","id":"{run}-b","meta":{},"status":"final","subject":{"reference":"Patient/x"},"prediction":[{"probabilityDecimal":0.54}]}`,
				`{"resourceType":"RiskAssessment","id":"{run}-c","meta":{},"status":"final","subject":{"reference":"Patient/x"},"prediction":[{"probabilityDecimal":0.9}]}`,
			),
			finds("as written", "RiskAssessment", "probability=0.50", "a"),
			finds("with less precision", "RiskAssessment", "probability=0.5", "ab"),
			finds("exponents", "RiskAssessment", "probability=9e-1", "c"),
			finds("gt", "RiskAssessment", "probability=gt0.54", "c"),
			finds("ge", "RiskAssessment", "probability=ge0.54", "bc"),
			finds("lt", "RiskAssessment", "probability=lt0.54", "a"),
			finds("le", "RiskAssessment", "probability=le0.54", "ab"),
			finds("ne", "RiskAssessment", "probability=ne0.5", "c"),
			finds("ap", "RiskAssessment", "probability=ap0.52", "ab"),
		}},
		{"quantities compare with their unit or without", []Scenario{
			put(
				`{"resourceType":"Observation","id":"{run}-a","meta":{},"status":"final","code":{"text":"w"},"valueQuantity":{"value":72.5,"unit":"kilos","system":"http://unitsofmeasure.org","code":"kg"}}`,
				`{"resourceType":"Observation","id":"{run}-b","meta":{},"status":"final","code":{"text":"w"},"valueQuantity":{"value":72.5,"unit":"lb"}}`,
				`{"resourceType":"Observation","id":"{run}-c","meta":{},"status":"final","code":{"text":"w"},"valueQuantity":{"value":80,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}`,
			),
			finds("without a unit", "Observation", "value-quantity=72.5", "ab"),
			finds("with system and code", "Observation", "value-quantity=72.5|http://unitsofmeasure.org|kg", "a"),
			finds("with a code or unit of any system", "Observation", "value-quantity=72.5||kg", "a"),
			finds("with a unit in words", "Observation", "value-quantity=72.5||lb", "b"),
			finds("another unit", "Observation", "value-quantity=72.5||g", ""),
			finds("gt", "Observation", "value-quantity=gt72.5", "c"),
			finds("ge with a unit", "Observation", "value-quantity=ge72.5|http://unitsofmeasure.org|kg", "ac"),
			finds("le", "Observation", "value-quantity=le73||kg", "a"),
			finds("ap", "Observation", "value-quantity=ap75", "*"),
		}},
	}
}
