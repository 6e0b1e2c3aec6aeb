// Package fhir holds the nouns of the house: resources and their keys, JSON
// trees, references, partial dates, exact decimals, money, outcomes, queries,
// and the three doors everything else meets at — Store (down to the databases),
// Server (what a Module may do) and Module (one self-contained ability).
//
// It imports no other room. Verbs live in its subpackages: validate, path,
// search, interaction, rest.
package fhir
