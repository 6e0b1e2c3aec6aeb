package facts

import "bima/fhir"

// Person gives the patient as stored; absent where nobody is known.
func (g *Claim) Person() fhir.Node { return g.scene.patient.node }

// Facility gives the Organization that claims, whoever of it was named, with its
// key; zero and absent where it is not known.
func (g *Claim) Facility() (fhir.Key, fhir.Node) {
	return g.scene.organization.key, g.scene.organization.node
}
