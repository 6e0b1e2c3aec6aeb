package interaction

import (
	"context"

	"bima/fhir"
)

// screen shows what a client sent to the Screens of the modules, before a
// transaction begins: a resource, and those in a Bundle or Parameters.
func (e *Engine) screen(ctx context.Context, n fhir.Node) error {
	if len(e.screens) == 0 || !n.Exists() {
		return nil
	}
	typ := n.Get("resourceType").Text()
	for _, s := range e.screens[typ] {
		if err := s.Look(ctx, n); err != nil {
			return err
		}
	}
	inner := ""
	switch typ {
	case "Bundle":
		inner = "entry"
	case "Parameters":
		inner = "parameter"
	}
	for part := range n.Get(inner).Each() {
		if resource := part.Get("resource"); resource.Exists() {
			if err := e.screen(ctx, resource); err != nil {
				return err
			}
		}
	}
	return nil
}

// screenInput is screen for what an operation is given.
func (e *Engine) screenInput(ctx context.Context, in *fhir.Resource) error {
	if len(e.screens) == 0 || in == nil || len(in.Body) == 0 {
		return nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return err
	}
	return e.screen(ctx, doc.Root())
}
