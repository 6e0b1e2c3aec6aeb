package fhir

// An Existing is the error of a Rule or Reaction that finds the write it is asked
// about done before: what was to be created is there already, as Key. A create
// then answers with that resource and makes none. Any other write is refused
// with it, so wrap it in an Outcome that tells a person what to do:
// Errorf(IssueDuplicate, …).Because(Existing{Key: k}).
type Existing struct{ Key Key }

// Error names the resource that is there.
func (e Existing) Error() string { return e.Key.String() + " is there already" }
