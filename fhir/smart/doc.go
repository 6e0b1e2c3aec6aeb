// Package smart tells who calls: it turns a request's credentials into a
// fhir.Caller. These are HTTP Basic passwords, kept as argon2id hashes, and the
// bearer tokens of an OpenID Connect issuer; scopes join them behind the same door.
//
// Its door: NewAuthenticator, whose Authenticate goes into rest.Options; Hash
// and Verify for those who store accounts. It never logs a credential.
package smart
