package validate

import (
	"bima/fhir"
	"bima/fhir/r4"
)

type environment struct{}

func (e *environment) enter(n fhir.Node, o *Options) {}

type invariant struct {
	key string
}

func (c *compiler) list(t *r4.Type, constraints []r4.Constraint) []*invariant { return nil }
func (w *walker) invariants(n fhir.Node, p *plan, seen set)                   {}
func (w *walker) elementInvariants(n fhir.Node, m *member)                    {}
