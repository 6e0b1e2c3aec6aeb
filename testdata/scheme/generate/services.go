package main

// A service is a service or drug of the register. Its prices are in the order
// of lists; 0 means the list does not have it.
type service struct {
	code, name string
	category   string // openIMIS's: S, C, D, A, H, O or V; "" for drugs
	care       string // I, O or B
	sex        string // "" for both
	age        string // "" for all, adult or child
	days       int    // the frequency, or 0
	prices     [3]amount
	uncovered  bool
}

// each gives the same whole-shilling prices as amounts.
func each(d, c, h int64) [3]amount { return [3]amount{shillings(d), shillings(c), shillings(h)} }

var services = []service{
	{code: "S-101", name: "Out-patient consultation", category: "C", care: "B", prices: each(2000, 3000, 5000)},
	{code: "S-102", name: "Specialist consultation", category: "C", care: "B", prices: each(0, 0, 15000)},
	{code: "S-103", name: "Emergency consultation", category: "C", care: "B", prices: each(3000, 5000, 10000)},
	{code: "S-104", name: "Follow-up visit", category: "V", care: "B", prices: each(1000, 1500, 2500)},
	{code: "S-105", name: "Child welfare visit", category: "V", care: "B", age: "child", prices: each(1000, 1500, 2000)},
	{code: "S-106", name: "Family planning visit", category: "V", care: "B", age: "adult", prices: each(1500, 2000, 3000)},
	{code: "S-201", name: "Full blood count", category: "O", care: "B", prices: each(0, 5000, 8000)},
	{code: "S-202", name: "Malaria rapid test", category: "O", care: "B", prices: each(1500, 1500, 2000)},
	{code: "S-203", name: "Malaria blood slide", category: "O", care: "B", prices: each(0, 2000, 2500)},
	{code: "S-204", name: "Urinalysis", category: "O", care: "B", prices: each(1500, 2000, 3000)},
	{code: "S-205", name: "Blood glucose", category: "O", care: "B", prices: each(1500, 2000, 2500)},
	{code: "S-206", name: "Stool microscopy", category: "O", care: "B", prices: each(1500, 2000, 2500)},
	{code: "S-207", name: "Sputum test for tuberculosis", category: "O", care: "B", prices: each(0, 3000, 4000)},
	{code: "S-208", name: "Blood group and cross-match", category: "O", care: "B", prices: each(0, 6000, 10000)},
	{code: "S-209", name: "Liver function tests", category: "O", care: "B", prices: each(0, 0, 18000)},
	{code: "S-210", name: "Kidney function tests", category: "O", care: "B", prices: each(0, 0, 18000)},
	{code: "S-211", name: "Chest X-ray", category: "O", care: "B", prices: each(0, 15000, 20000)},
	{code: "S-212", name: "Ultrasound of the abdomen", category: "O", care: "B", prices: each(0, 15000, 25000)},
	{code: "S-213", name: "Obstetric ultrasound", category: "O", care: "B", sex: "female", prices: each(0, 15000, 20000)},
	{code: "S-214", name: "Electrocardiogram", category: "O", care: "B", prices: each(0, 0, 20000)},
	{code: "S-301", name: "Wound dressing", category: "O", care: "B", prices: each(2000, 3000, 5000)},
	{code: "S-302", name: "Suturing of a wound", category: "O", care: "B", prices: each(5000, 8000, 15000)},
	{code: "S-303", name: "Plaster cast", category: "O", care: "B", prices: each(0, 20000, 35000)},
	{code: "S-304", name: "Tooth extraction", category: "O", care: "O", prices: each(5000, 8000, 12000)},
	{code: "S-305", name: "Dental filling", category: "O", care: "O", prices: each(0, 15000, 25000), uncovered: true},
	{code: "S-306", name: "Incision and drainage", category: "O", care: "B", prices: each(5000, 10000, 20000)},
	{code: "S-307", name: "Nebulisation", category: "O", care: "B", prices: each(2000, 3000, 5000)},
	{code: "S-308", name: "Blood transfusion, one unit", category: "O", care: "I", prices: each(0, 0, 40000)},
	{code: "S-309", name: "Oxygen, one day", category: "O", care: "I", prices: each(0, 8000, 12000)},
	{code: "S-310", name: "Minor surgery", category: "S", care: "B", prices: each(0, 60000, 90000)},
	{code: "S-311", name: "Hernia repair", category: "S", care: "I", prices: each(0, 0, 250000)},
	{code: "S-312", name: "Caesarean section", category: "D", care: "I", sex: "female", prices: each(0, 0, 350000)},
	{code: "S-313", name: "Appendicectomy", category: "S", care: "I", prices: each(0, 0, 280000)},
	{code: "S-401", name: "Antenatal visit", category: "A", care: "B", sex: "female", prices: each(3000, 4000, 6000)},
	{code: "S-402", name: "Normal delivery", category: "D", care: "B", sex: "female", prices: each(15000, 30000, 60000)},
	{code: "S-403", name: "Postnatal visit", category: "V", care: "B", sex: "female", prices: each(2000, 3000, 4000)},
	{code: "S-501", name: "Physiotherapy session", category: "O", care: "B", prices: each(0, 8000, 12000)},
	{code: "S-502", name: "Eye examination", category: "O", care: "O", days: 180, prices: each(0, 5000, 8000)},
	{code: "S-503", name: "Spectacles", category: "O", care: "O", prices: each(0, 0, 60000), uncovered: true},
	{code: "S-601", name: "General ward, one day", category: "H", care: "I", prices: each(0, 10000, 20000)},

	{code: "D-101", name: "Paracetamol 500 mg, tablet", care: "B", prices: each(30, 30, 40)},
	{code: "D-102", name: "Amoxicillin 250 mg, capsule", care: "B", prices: each(80, 80, 100)},
	{code: "D-103", name: "Artemether with lumefantrine 20/120 mg, tablet", care: "B", prices: each(150, 150, 200)},
	{code: "D-104", name: "Artesunate 60 mg, injection", care: "B", prices: each(0, 4500, 5000)},
	{code: "D-105", name: "Oral rehydration salts, sachet", care: "B", prices: each(300, 300, 350)},
	{code: "D-106", name: "Zinc 20 mg, tablet", care: "B", age: "child", prices: each(50, 50, 60)},
	{code: "D-107", name: "Metronidazole 200 mg, tablet", care: "B", prices: each(40, 40, 50)},
	{code: "D-108", name: "Ciprofloxacin 500 mg, tablet", care: "B", prices: each(120, 120, 150)},
	{code: "D-109", name: "Ceftriaxone 1 g, injection", care: "B", prices: each(0, 2500, 3000)},
	{code: "D-110", name: "Salbutamol inhaler", care: "B", prices: each(6000, 6000, 7000)},
	{code: "D-111", name: "Amlodipine 5 mg, tablet", care: "B", prices: each(80, 80, 100)},
	{code: "D-112", name: "Metformin 500 mg, tablet", care: "B", prices: each(60, 60, 80)},
	{code: "D-113", name: "Ferrous sulphate with folic acid, tablet", care: "B", prices: [3]amount{1250, 1250, 1500}},
	{code: "D-114", name: "Oxytocin 10 IU, injection", care: "B", sex: "female", prices: each(1500, 1500, 1500)},
	{code: "D-115", name: "Diclofenac gel, tube", care: "B", prices: each(2500, 2500, 3000)},
	{code: "D-116", name: "Normal saline, 500 ml", care: "B", prices: each(0, 2000, 2500)},
	{code: "D-117", name: "Ibuprofen 400 mg, tablet", care: "B", prices: each(40, 40, 50)},
	{code: "D-118", name: "Omeprazole 20 mg, capsule", care: "B", prices: each(0, 100, 120)},
	{code: "D-119", name: "Cough syrup, bottle", care: "B", prices: each(2500, 2500, 3000), uncovered: true},
	{code: "D-120", name: "Hydrocortisone 1 %, tube", care: "B", prices: each(2000, 2000, 2200)},
}

func serviceOf(code string) service {
	for _, s := range services {
		if s.code == code {
			return s
		}
	}
	panic("generate: there is no service " + code)
}
