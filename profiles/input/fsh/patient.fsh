// Patient: an insured person.

Profile: BimaPatient
Parent: Patient
Id: patient
Title: "Insured person"
Description: "A person the scheme insures, known by an insurance number. Age and sex decide what is covered, so both must be known."
* insert BySystem
* identifier contains insuranceNumber 1..* and nationalId 0..*
* identifier[insuranceNumber] insert System(insurance-number)
* identifier[nationalId] insert System(national-id)
* name 1..*
* gender 1..1
* birthDate 1..1
