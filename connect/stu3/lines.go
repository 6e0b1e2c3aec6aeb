package stu3

import "strings"

// information makes Claim.supportingInfo of Claim.information.
func (b *builder) information(i int, said saidInformation) r4Information {
	if said.Sequence == 0 {
		b.fill("Claim.supportingInfo.sequence", "the position")
	}
	info := r4Information{
		Sequence: b.informed[i], Category: said.Category, TimingDate: said.Date, TimingPeriod: said.Period,
		ValueString: said.String, ValueQuantity: said.Quantity, ValueAttachment: said.Attachment,
	}
	if info.Category.empty() {
		info.Category.Text = "other"
		b.fill("Claim.supportingInfo.category", "other")
	}
	if !said.Code.empty() {
		info.Code = &said.Code
	}
	if info.ValueString != "" || info.ValueQuantity != nil {
		info.ValueAttachment = nil
	}
	if info.ValueString != "" {
		info.ValueQuantity = nil
	}
	if info.TimingDate != "" {
		info.TimingPeriod = nil
	}
	return info
}

// icd10Names are the names by which clients mean ICD-10, which has a system in FHIR.
var icd10Names = map[string]bool{
	"": true, "icd0": true, "icd10": true, "icd10who": true, "icd": true, "http://hl7.org/fhir/sid/icd10": true,
}

// isICD10 reports whether a name of a source of codes means ICD-10.
func isICD10(name string) bool {
	return icd10Names[strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))]
}

// diagnosis makes a diagnosis whose ICD-10 code, if it has one, comes first and in
// FHIR's system; the codings of the client follow as they are.
func (b *builder) diagnosis(i int, said saidDiagnosis) r4Diagnosis {
	if said.Sequence == 0 {
		b.fill("Claim.diagnosis.sequence", "the position")
	}
	d := r4Diagnosis{Sequence: b.diagnosed[i], Concept: concept{Text: said.Concept.Text}, Type: said.Types}
	for _, c := range said.Concept.Coding {
		if c.Code == "" || !isICD10(c.System) {
			continue
		}
		if c.System != systemICD10 {
			b.fill("Claim.diagnosis.diagnosisCodeableConcept.coding.system", systemICD10)
		}
		d.Concept.Coding = []coding{{System: systemICD10, Code: c.Code, Display: c.Display}}
		break
	}
	for _, c := range said.Concept.Coding {
		if c.System != "" && c.System != systemICD10 {
			d.Concept.Coding = append(d.Concept.Coding, c)
		}
	}
	return d
}

// item makes a line.
func (b *builder) item(sequence int, said *saidItem) r4Item {
	if said.Sequence == 0 {
		b.fill("Claim.item.sequence", "the position")
	}
	i := r4Item{
		Sequence: sequence, DiagnosisSequence: said.Diagnoses, InformationSequence: said.Information,
		ProductOrService: b.service(said), ServicedDate: said.Date, Factor: said.Factor,
	}
	if !said.Category.empty() {
		i.Category = &said.Category
	}
	if said.Date == "" {
		i.ServicedPeriod = said.Period
	}
	i.Quantity = &quantity{said.Quantity}
	if said.Quantity == "" {
		i.Quantity.Value = "1"
		b.fill("Claim.item.quantity", "1")
	}
	if said.UnitPrice != "" {
		i.UnitPrice = b.amount("Claim.item.unitPrice", said.UnitPrice)
	}
	if said.Net != "" {
		i.Net = b.amount("Claim.item.net", said.Net)
	}
	return i
}

// service makes the service of a line: the code of the client, in the system that
// the register has it in, and the text as it is.
func (b *builder) service(said *saidItem) concept {
	c := concept{Text: said.Service.Text}
	code := said.code()
	for _, own := range said.Service.Coding {
		if own.System != "" {
			c.Coding = append(c.Coding, own)
		}
	}
	if code == "" && len(c.Coding) == 0 {
		c.Text = "not named"
		b.fill("Claim.item.productOrService", c.Text)
	}
	if code == "" || len(c.Coding) > 0 {
		return c
	}
	registered, ok := b.known[code]
	if !ok {
		registered = coding{Code: code}
	}
	if registered.System != "" {
		b.fill("Claim.item.productOrService.coding.system", registered.System)
	}
	c.Coding = []coding{registered}
	return c
}
