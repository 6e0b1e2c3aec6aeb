// Package rest speaks HTTP for the engine of fhir/interaction: routes, content
// negotiation, conditional headers, limits, and the status code of each outcome.
// It is the only package that knows HTTP; it decides nothing about resources.
//
// Its door: Handler, to be mounted at the root of a server made by Server.
// http.ServeMux must not stand before it, for that answers the double slashes
// of some clients with a redirect. Its contract is the suite in resttest.
//
// Source: R4 http (https://hl7.org/fhir/R4/http.html).
package rest
