package house

import (
	"context"
	"strings"

	"bima/fhir"
	"bima/fhir/conformance"
	"bima/fhir/everything"
	"bima/fhir/interaction"
	"bima/fhir/profile"
	"bima/fhir/profile/stored"
	"bima/fhir/reindex"
	"bima/fhir/rest"
	"bima/fhir/search"
	"bima/fhir/subscription"
	"bima/fhir/terminology"
	"bima/fhir/upkeep"
	"bima/profiles"
	"bima/storage"
)

// A core is an engine with what goes on behind it.
type core struct {
	engine   *interaction.Engine
	library  *conformance.Library
	indexer  *reindex.Indexer
	profiles *stored.Profiles
	codes    *stored.Codes
	hub      *subscription.Hub
	workers  []fhir.Worker
	daily    []fhir.Daily
	schemas  map[string]rest.Schema
}

// Engine gives an engine over a store with some modules of the scheme: those of
// Modules, or the few that a test looks at.
func Engine(ctx context.Context, store *storage.Store, p Plan, scheme ...fhir.Module) (*interaction.Engine, error) {
	c, err := build(ctx, store, p, scheme)
	if err != nil {
		return nil, err
	}
	return c.engine, nil
}

// build makes the engine of modules of the scheme and of those that every server
// has.
func build(ctx context.Context, store *storage.Store, p Plan, scheme []fhir.Module) (*core, error) {
	definitions := profiles.Definitions()
	registry, err := Search(p.Base, p.Zone, definitions)
	if err != nil {
		return nil, err
	}
	if p.NoFullText {
		registry = registry.WithoutTexts()
	}
	known := append(definitions, p.Packages...)
	terms := terminology.New(terminology.Options{Definitions: known, Now: p.Now})
	codes := stored.NewCodes(store, terms, alone(p), p.Log)
	profileSet, issues := profile.New(profile.Options{Terminology: codes.Has}, known...)
	if p.Log != nil {
		for _, issue := range issues {
			p.Log.Warn("a profile can't be used", "issue", issue.String())
		}
	}
	c := &core{library: &conformance.Library{}, codes: codes, schemas: schemas(profileSet)}
	c.profiles = stored.New(stored.Options{Store: store, Known: profileSet, Alone: alone(p), Log: p.Log})
	c.indexer = reindex.New(reindex.Options{
		Store: store, Search: registry, Alone: alone(p), Log: p.Log,
	})
	c.hub = subscription.New(subscription.Options{
		Store: store, Search: func() *search.Registry { return c.engine.SearchParameters() },
		Base: p.Base, Alone: alone(p), Log: p.Log, Now: p.Now, Settings: p.Subscriptions, Senders: senders(p),
	})
	modules := append([]fhir.Module{
		c.library.Module(), c.indexer.Module(), c.profiles.Module(), codes.Module(), c.hub.Module(), terms.Module(), upkeep.Module(),
		everything.Module(everything.Options{Base: p.Base, Search: registry, Zone: p.Zone, Now: p.Now}),
	}, scheme...)
	c.engine, err = interaction.New(interaction.Config{
		Store: store, Modules: modules, Search: registry, Terminology: terms, Profiles: c.profiles,
		Conformance: conformance.Facts{Terminology: terms.Capabilities, Profiles: c.profiles.Profiles, ProfileEdition: c.profiles.Edition, Socket: subscription.SocketURL(p.Base), Topics: c.hub.Topics},
		Base:        p.Base, Zone: p.Zone, Log: p.Log, CheckOwn: p.CheckOwn,
		Claimed: p.Claimed, Integrity: interaction.Integrity{Mode: p.Integrity},
		Security: security(), Version: p.Version, Now: p.Now,
	})
	if err != nil {
		return nil, err
	}
	for _, m := range modules {
		c.workers = append(c.workers, m.Workers...)
		c.daily = append(c.daily, m.Daily...)
	}
	if err := c.indexer.Start(ctx, c.engine); err != nil {
		return nil, err
	}
	if err := c.profiles.Start(ctx); err != nil {
		return nil, err
	}
	return c, c.hub.Start(ctx, c.engine)
}

// alone reports whether no other process serves the database.
func alone(p Plan) bool { return strings.HasPrefix(p.Database, "sqlite:") }

// schemas gives our own profiles on resources as JSON Schemas, by their ids.
func schemas(set *profile.Set) map[string]rest.Schema {
	all := map[string]rest.Schema{}
	for _, canonical := range set.Profiles("") {
		if id, own := strings.CutPrefix(canonical, profiles.Canonical+"/StructureDefinition/"); own {
			all[id] = rest.Schema{Profile: canonical, Write: func() ([]byte, error) { return set.JSONSchema(canonical) }}
		}
	}
	return all
}
