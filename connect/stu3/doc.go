// Package stu3 answers clients that speak FHIR STU3 as openIMIS did: the OpenMRS
// module insuranceclaims, Bahmni's insurance-connect and the clients of Nepal,
// unmodified.
//
// It translates at the edge. What a client sends becomes clean R4, which is stored
// and decided by [base] as everything else is; what [base] answers becomes the
// STU3 that these clients can read, to the letter: their parsers fail on a list
// that is one too long as on one that is empty. What they leave out is filled in,
// and the extension translated names each element that was. All that they want
// echoed has a home of its own in R4, so no copy of what they sent is kept.
package stu3
