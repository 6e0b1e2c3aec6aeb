package r4

import _ "embed"

//go:generate go run ./generate -package $R4_PACKAGE

// Types is the table of invariants, bound value sets and types.
//
//go:embed types.txt
var Types string

// Search is the table of search parameters.
//
//go:embed search.txt
var Search string

// Compartments is the table of compartments.
//
//go:embed compartments.txt
var Compartments string

// ValueSets is the table of value sets with a required binding.
//
//go:embed valuesets.txt
var ValueSets string

// Terminology is the table of R4's code systems, value sets and concept maps,
// gzipped.
//
//go:embed terminology.txt.gz
var Terminology string
