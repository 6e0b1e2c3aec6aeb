// Package xml turns resources between FHIR's JSON and FHIR's XML, for every type
// of R4, by the tables of fhir/r4: which element comes when, which of them are
// attributes, which hold XHTML and which a resource.
//
// Its door: FromJSON and FromJSONIndent write XML, ToJSON reads it, and Patch
// changes a resource by an XML Patch (RFC 5261). Nothing is lost on the way and
// back: decimals keep their digits, texts their white space, narratives every
// byte. What XML can say and JSON can't (comments, processing instructions) is
// dropped.
//
// It reads no document types and so no entities but XML's own five: what they
// could open or blow up stays shut. It decides about form only; whether a
// resource is valid is fhir/validate's affair, and so a value that is not of its
// type, as value="abc" of a boolean, reaches it as the text it is.
//
// Source: R4 xml (https://hl7.org/fhir/R4/xml.html).
package xml

// The namespaces of a resource. Source: R4 xml, Namespaces in XML 1.0.
const (
	fhirURI  = "http://hl7.org/fhir"
	xhtmlURI = "http://www.w3.org/1999/xhtml"
	xmlURI   = "http://www.w3.org/XML/1998/namespace"
	xsiURI   = "http://www.w3.org/2001/XMLSchema-instance"
)
