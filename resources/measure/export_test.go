package measure

import "bima/fhir"

// Paged makes the module with pages of so many claims.
func Paged(s Settings, page int) fhir.Module { return s.paged(page) }
