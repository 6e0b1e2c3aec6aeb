package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

//go:embed settings.schema.json
var settingsSchema string

// settings reads a settings file for kong, after checking it against its schema:
// a misspelt setting is an error, not a default. A setting that the environment
// gives is not taken from the file.
func settings(r io.Reader) (kong.Resolver, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("the settings file is not valid JSON: %w", err)
	}
	schema, err := jsonschema.CompileString("settings.schema.json", settingsSchema)
	if err != nil {
		return nil, err
	}
	if err := schema.Validate(document); err != nil {
		return nil, fmt.Errorf("the settings file: %w", err)
	}
	file, err := kong.JSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return kong.ResolverFunc(func(c *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			if _, given := os.LookupEnv(name); given {
				return nil, nil
			}
		}
		return file.Resolve(c, parent, flag)
	}), nil
}
