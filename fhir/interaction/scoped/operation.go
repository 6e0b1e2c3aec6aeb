package scoped

import "bima/fhir"

// Operation refuses an operation that the grant does not allow. One that changes
// something needs AccessCreate on its type, or AccessUpdate on the type of the
// resource it is called on; $purge and $merge what they do; one that only reads needs AccessSearch or AccessRead;
// one on the whole server needs it for all types. What it does within is its own.
func Operation(g *fhir.Grant, o *fhir.Operation, on fhir.Key) error {
	if g == nil {
		return nil
	}
	return g.Need(access(o, on), on.Type)
}

func access(o *fhir.Operation, on fhir.Key) fhir.Access {
	switch {
	case o.Affects && on.Type == "":
		return fhir.AccessCreate | fhir.AccessUpdate | fhir.AccessDelete
	case o.Affects && o.Code == "merge":
		return fhir.AccessRead | fhir.AccessUpdate // it shows records, and makes none
	case o.Affects && on.ID == "":
		return fhir.AccessCreate
	case o.Affects && o.Code == "purge":
		return fhir.AccessDelete
	case o.Affects:
		return fhir.AccessUpdate
	case on.ID != "":
		return fhir.AccessRead
	}
	return fhir.AccessSearch
}
