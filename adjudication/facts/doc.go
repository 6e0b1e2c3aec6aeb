// Package facts makes a decision's Case out of FHIR resources: it compiles
// InsurancePlan and ChargeItemDefinition into what adjudication works with, and
// reads patient, facility, memberships, policies and prior use for a claim.
//
// It reads through fhir.Reader only, and writes nothing. What it compiles it
// keeps by id and version, so a plan is compiled once.
package facts
