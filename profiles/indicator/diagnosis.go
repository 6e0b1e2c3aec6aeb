package indicator

import "strings"

// A diagnosisGroup is one of the groups of diagnoses with what its codes of ICD-10
// begin with.
type diagnosisGroup struct {
	suffix, name string
	prefixes     string // "B51 B52"
}

// diagnosisGroups are the groups in the order they are shown. A code belongs to
// the group with the longest prefix of it.
var diagnosisGroups = []diagnosisGroup{
	{"MAL_SIMPLE", "Malaria, simple", "B51 B52 B53 B54 B509"},
	{"MAL_SEVERE", "Malaria, severe", "B50 B510 B518 B520"},
	{"ANC", "Antenatal care", "Z32 Z33 Z34 Z35 Z36"},
	{"DELIVERY", "Normal delivery", "O80 O81 O83 O840 O841 Z37 Z38"},
	{"CSECTION", "Caesarean section", "O82 O842"},
	{"MATERNAL", "Other conditions of pregnancy and birth", "O"},
	{"PERINATAL", "Conditions of the newborn", "P"},
	{"ARI", "Acute respiratory infection", "J00 J01 J02 J03 J04 J05 J06 J20 J21 J22"},
	{"PNEUMONIA", "Pneumonia and influenza", "J09 J10 J11 J12 J13 J14 J15 J16 J17 J18"},
	{"ASTHMA", "Asthma and chronic respiratory disease", "J4"},
	{"DIARR", "Diarrhoea", "A00 A01 A02 A03 A04 A05 A06 A07 A08 A09"},
	{"WORMS", "Worms", "B65 B66 B67 B68 B69 B7 B80 B81 B82 B83"},
	{"TB", "Tuberculosis", "A15 A16 A17 A18 A19"},
	{"HIV", "HIV", "B20 B21 B22 B23 B24 Z21"},
	{"HEPATITIS", "Viral hepatitis", "B15 B16 B17 B18 B19"},
	{"STI", "Sexually transmitted infection", "A50 A51 A52 A53 A54 A55 A56 A57 A58 A59 A60 A63 A64"},
	{"INFECTIOUS", "Other infectious disease", "A B"},
	{"HTN", "High blood pressure", "I10 I11 I12 I13 I15"},
	{"HEART", "Heart and circulation", "I"},
	{"DM", "Diabetes", "E10 E11 E12 E13 E14"},
	{"NUTRITION", "Malnutrition and anaemia of nutrition", "E40 E41 E42 E43 E44 E45 E46 E5 E60 E61 E62 E63 E64 D50 D51 D52 D53"},
	{"ANAEMIA", "Anaemia and blood", "D5 D6 D7 D8"},
	{"CANCER", "Cancer and growths", "C D0 D1 D2 D3 D4"},
	{"MENTAL", "Mental health", "F"},
	{"NEURO", "Nervous system", "G"},
	{"EYE", "Eyes", "H0 H1 H2 H3 H4 H5"},
	{"EAR", "Ears", "H6 H7 H8 H9"},
	{"DENTAL", "Teeth and mouth", "K0 K10 K11 K12 K13 K14"},
	{"DIGESTIVE", "Stomach and gut", "K"},
	{"SKIN", "Skin", "L"},
	{"MUSCLE", "Muscles, bones and joints", "M"},
	{"URINARY", "Kidneys and urinary tract", "N0 N1 N2 N3"},
	{"GENITAL", "Genital organs and breast", "N"},
	{"CONGENITAL", "Congenital conditions", "Q"},
	{"INJURY", "Injury and poisoning", "S T V W X Y"},
	{"PREVENTION", "Prevention and check-ups", "Z"},
	{"SYMPTOM", "Symptoms without a diagnosis", "R"},
	{Other, "Other", ""},
}

// groupOf finds the group of each prefix.
var groupOf = func() map[string]string {
	of := map[string]string{}
	for _, g := range diagnosisGroups {
		for prefix := range strings.FieldsSeq(g.prefixes) {
			of[prefix] = g.suffix
		}
	}
	return of
}()

func diagnoses() Category {
	c := Category{Code: Diagnosis, Name: "Group of diagnoses"}
	for _, g := range diagnosisGroups {
		c.add(g.suffix, g.name)
	}
	return c
}

// DiagnosisGroup gives the suffix of the group that a code of ICD-10 belongs to,
// with or without its point: the one with the longest prefix of it.
func DiagnosisGroup(icd string) string {
	code := strings.ToUpper(strings.ReplaceAll(icd, ".", ""))
	for n := min(len(code), 4); n > 0; n-- {
		if group, ok := groupOf[code[:n]]; ok {
			return group
		}
	}
	return Other
}
