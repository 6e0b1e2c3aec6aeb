package fhir

import (
	"context"
	"slices"
)

// A Role is what a caller may be in the scheme.
type Role string

// The roles of a scheme. A Caller may have several.
const (
	RoleEnrolmentOfficer Role = "enrolment-officer"
	RoleFacility         Role = "facility"
	RoleReviewer         Role = "reviewer"
	RoleAccountant       Role = "accountant"
	RoleAuditor          Role = "auditor"
	RoleAdministrator    Role = "administrator"
	RoleIntegration      Role = "integration"
)

// Roles gives all roles, in the order they are documented.
func Roles() []Role {
	return []Role{
		RoleEnrolmentOfficer, RoleFacility, RoleReviewer, RoleAccountant,
		RoleAuditor, RoleAdministrator, RoleIntegration,
	}
}

// A Caller is who asks. It travels in the context from the transport to the
// place where an interaction asks whether he may.
type Caller struct {
	Name   string // the login name, or "developer" on loopback
	Roles  []Role
	Entity Key // the Practitioner, Organization or Device he acts as; may be zero
	// Identity separates callers for idempotency: the claims of two submitters
	// may bear the same number. It is Name unless an issuer qualifies it.
	Identity string
	// Grant is what the scopes of his token leave of what the roles allow; nil,
	// of who came without scopes, leaves all of it.
	Grant *Grant

	scopes *Grant // the Grant he came with, where Unscoped took it away
	whole  bool   // whether no Veil is over him
	system bool   // whether it is the server itself
}

// Unveiled gives the caller without a Veil: for what an operation does for him that
// comes out the same whoever asks. What it answers is veiled again.
func (c Caller) Unveiled() Caller {
	c.whole = true
	return c
}

// Veiled gives the caller under the Veil that an operation took off him.
func (c Caller) Veiled() Caller {
	c.whole = false
	return c
}

// IsUnveiled reports whether no Veil is over the caller.
func (c Caller) IsUnveiled() bool { return c.whole }

// Unscoped gives the caller with all that the roles allow: for what an operation
// does for him that was asked for his scopes before.
func (c Caller) Unscoped() Caller {
	c.scopes, c.Grant = c.Scopes(), nil
	return c
}

// Scopes gives the Grant that the caller came with, also within an operation,
// where it is not in force: for what goes on after the operation.
func (c Caller) Scopes() *Grant {
	if c.Grant != nil {
		return c.Grant
	}
	return c.scopes
}

// Has reports whether the caller has the role; an administrator has each.
func (c Caller) Has(r Role) bool {
	return slices.Contains(c.Roles, r) || slices.Contains(c.Roles, RoleAdministrator)
}

// Developer is the caller of a server without authentication, which listens on
// loopback only.
func Developer() Caller {
	return Caller{Name: "developer", Identity: "developer", Roles: []Role{RoleAdministrator}}
}

// System is the server itself, doing the work that follows from a caller's.
func System() Caller {
	return Caller{Name: SystemName, Identity: SystemName, Roles: []Role{RoleAdministrator}, system: true}
}

// SystemName is what the server calls itself in records. No account has it.
const SystemName = "bima"

// IsSystem reports whether the caller is the server itself. An account that is called
// like it is not.
func (c Caller) IsSystem() bool { return c.system }

type callerKey struct{}

// WithCaller gives a context that carries the caller.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf gives the caller of the context, or false when nobody was
// authenticated: the caller of CallerOf then refuses.
func CallerOf(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(Caller)
	return c, ok
}

// An Account is a user of HTTP Basic or an API client, as the operator made it.
// It is no FHIR resource, so that no search or export ever carries a secret.
type Account struct {
	Name     string
	Roles    []Role
	Entity   Key    // the Practitioner, Organization or Device it acts as; may be zero
	Secret   string // argon2id, in PHC string form; never the password; "" is none
	Keys     string // public keys it may prove itself by, a JWK Set or the URL of one; "" is none
	Disabled bool
}

type requestKey struct{}

// WithRequest gives a context that carries the id of the request it is of, which
// its answer names in X-Request-Id and every line of the log about it repeats.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestOf gives the id of the request the context is of, or "".
func RequestOf(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

type unhurriedKey struct{}

// Unhurried gives a context of work that nobody waits for, such as what a client
// asked to be done later: only its own deadline limits it, not the limits of
// single searches.
func Unhurried(ctx context.Context) context.Context {
	return context.WithValue(ctx, unhurriedKey{}, true)
}

// IsUnhurried reports whether the context is of work that nobody waits for.
func IsUnhurried(ctx context.Context) bool { return ctx.Value(unhurriedKey{}) != nil }

type screenedKey struct{}

// WithScreened gives a context that carries what is invalid, or Screens refused, of
// the entries of a batch, by their places from 0.
func WithScreened(ctx context.Context, refused map[int]error) context.Context {
	return context.WithValue(ctx, screenedKey{}, refused)
}

// Screened gives what is invalid, or Screens refused, of an entry of a batch, to an
// Operation that looks at them Apart; nil where nothing.
func Screened(ctx context.Context, entry int) error {
	refused, _ := ctx.Value(screenedKey{}).(map[int]error)
	return refused[entry]
}

type acceptKey struct{}

// WithAccept gives a context that carries which media types the client takes: its
// _format parameter or else its Accept header, "" where it sent neither.
func WithAccept(ctx context.Context, accept string) context.Context {
	return context.WithValue(ctx, acceptKey{}, accept)
}

// AcceptOf gives the media types that the client takes, in the form of an Accept
// header; "" where it did not say. An Operation that answers with Media chooses
// by it; what answers with resources need not ask.
func AcceptOf(ctx context.Context) string {
	accept, _ := ctx.Value(acceptKey{}).(string)
	return accept
}
