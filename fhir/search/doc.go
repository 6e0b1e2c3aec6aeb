// Package search turns resources into index rows and query strings into
// criteria, by the search parameters of R4. Both sides of each kind of parameter
// stand in one file, so that what is written can be found: token, string,
// reference, date, number, quantity, uri.
//
// Its door: New makes a Registry, which Extracts rows and Parses queries. It
// never reads or writes a database: storage runs the criteria over the rows.
//
// Source: R4 search.
package search
