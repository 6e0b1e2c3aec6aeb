package fhir

// An Of is a Criterion that holds for resources of one of Types on which Where
// holds, nil being all of them; its parameters are those of these types. A search
// over many types asks of each what fits it, as that of a whole compartment does.
type Of struct {
	Types []string
	Where Criterion
}

func (Of) criterion() {}
