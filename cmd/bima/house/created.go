package house

import (
	"context"
	"net/http"

	"bima/fhir"
)

// created has each $submit of modules answer 201 where it answers 200: IHE FAIS
// says 201 in its text, and asserts 200 in its features.
func created(modules []fhir.Module) []fhir.Module {
	for _, m := range modules {
		for i, o := range m.Operations {
			if o.Code != "submit" {
				continue
			}
			m.Operations[i].Handle = func(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
				r, err := o.Handle(ctx, s, on, in)
				if err == nil && (r.Status == 0 || r.Status == http.StatusOK) {
					r.Status = http.StatusCreated
				}
				return r, err
			}
		}
	}
	return modules
}
