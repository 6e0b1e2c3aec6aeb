package fhir

// An Account is a user of HTTP Basic or an API client, as the operator made it.
// It is no FHIR resource, so that no search or export ever carries a secret.
type Account struct {
	Name     string
	Roles    []Role
	Entity   Key    // the Practitioner, Organization or Device it acts as; may be zero
	Secret   string // argon2id, in PHC string form; never the password
	Disabled bool
}
