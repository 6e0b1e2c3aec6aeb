// Package smart tells who calls: it turns a request's credentials into a
// fhir.Caller. These are HTTP Basic passwords, kept as argon2id hashes, bearer
// tokens that accounts get for them from our own token endpoint, and those of an
// OpenID Connect issuer; scopes join them behind the same door.
//
// Its door: NewAuthenticator, whose Authenticate goes into rest.Options and whose
// TokenEndpoint is served at TokenPath; Hash and Verify for those who store
// accounts. It never logs a credential.
package smart
