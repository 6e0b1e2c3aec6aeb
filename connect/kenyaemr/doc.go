// Package kenyaemr answers KenyaEMR, the OpenMRS of Kenya, which sends claims as
// message Bundles without a MessageHeader and wants an OperationOutcome whose id is
// the claim's as its receipt.
//
// It translates at the edge: what is stored is a clean R4 Claim, decided as any
// other. A claim is known by the client's own uuid of it (ACSN), never by its
// number C-001, which every facility begins anew. What the client writes by chance
// (the numbers of diagnoses) or by the moment of sending (a period of service)
// makes no other claim of one that is sent again. Its door: New, the façade at a
// path of its own, and Accents, the same at [base], where R4 would refuse it.
package kenyaemr
