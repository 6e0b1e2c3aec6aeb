// Package resttest is the contract of the FHIR API over HTTP, as one suite: what
// every interaction, header, status, conditional, bundle, search and page does.
// It is run against the handler alone and against the finished server, on each
// database.
//
// Its door: Run. Its tests are mostly Stories, tables of requests with the
// answers wanted, that anybody can read. They bring their own data under names
// of their own, so the server need not be empty.
package resttest
