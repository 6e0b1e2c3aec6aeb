package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/smart"
	"bima/storage"
)

// userCommand administers the accounts of HTTP Basic. From the first account on,
// the server answers nobody who is not authenticated.
type userCommand struct {
	Add    userAddCommand    `cmd:"" help:"Make an account, or give it a new password and roles."`
	List   userListCommand   `cmd:"" help:"List the accounts with their roles."`
	Remove userRemoveCommand `cmd:"" help:"Remove an account."`
}

// databaseFlag is the setting all commands share that open the database.
type databaseFlag struct {
	Database string `help:"The database: sqlite:FILE or postgres://…" default:"sqlite:bima.db" env:"BIMA_DATABASE"`
}

func (f databaseFlag) open(ctx context.Context) (*storage.Store, error) {
	return storage.Open(ctx, f.Database, storage.Options{})
}

type userAddCommand struct {
	databaseFlag
	Name     string   `arg:"" help:"The login name."`
	Role     []string `help:"What the account may do: ${roles}. May be repeated." required:""`
	Entity   string   `help:"The resource it acts as, such as Organization/facility-2." placeholder:"TYPE/ID"`
	Password string   `help:"Where the password comes from: - reads one line from standard input, generate makes one and prints it, none gives it none: it then needs keys." enum:"-,generate,none" default:"generate"`
	Keys     string   `help:"A file with its public keys, a JWK Set: it may then ask for tokens by private_key_jwt, signed with RS384 or ES384." placeholder:"FILE" type:"existingfile" xor:"keys"`
	KeysURL  string   `help:"The URL at which it publishes its public keys (jwks_uri), instead of --keys: the server fetches them as it calls the endpoints of Subscriptions." placeholder:"URL" xor:"keys"`
}

// Run makes the account. The password is never an argument: those are seen by
// every process of the machine.
func (c userAddCommand) Run(ctx context.Context, s streams) error {
	account, err := c.account()
	if err != nil {
		return err
	}
	password, generated, err := c.password(s)
	if err != nil {
		return err
	}
	if c.Password != "none" {
		if account.Secret, err = smart.Hash(password); err != nil {
			return err
		}
	}
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.PutAccount(ctx, account); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "account %s is ready\n", account.Name)
	if generated {
		fmt.Fprintf(s.out, "password %s (shown once)\n", password)
	}
	return nil
}

func (c userAddCommand) account() (fhir.Account, error) {
	a := fhir.Account{Name: c.Name}
	if c.Name == "" || strings.ContainsAny(c.Name, ": \t\r\n") {
		return a, fmt.Errorf("the name %q has a colon or a space, which HTTP Basic can't carry", c.Name)
	}
	if strings.EqualFold(c.Name, fhir.SystemName) {
		return a, fmt.Errorf("the name %s is the server's own, in records of what it did; choose another", c.Name)
	}
	for _, role := range c.Role {
		if !slices.Contains(fhir.Roles(), fhir.Role(role)) {
			return a, fmt.Errorf("%q is not a role; the roles are %s", role, roleNames())
		}
		a.Roles = append(a.Roles, fhir.Role(role))
	}
	if c.Entity != "" {
		typ, id, ok := strings.Cut(c.Entity, "/")
		if !ok || !fhir.ValidID(id) {
			return a, fmt.Errorf("%q is not of the form Type/id", c.Entity)
		}
		a.Entity = fhir.Key{Type: typ, ID: id}
	}
	if c.KeysURL != "" {
		keys, err := smart.ReadKeysURL(c.KeysURL)
		a.Keys = keys
		return a, err
	}
	if c.Keys == "" {
		if c.Password == "none" {
			return a, errors.New("without a password the account needs keys: --keys FILE or --keys-url URL")
		}
		return a, nil
	}
	text, err := os.ReadFile(c.Keys)
	if err == nil {
		a.Keys, err = smart.ReadKeys(text)
	}
	if err != nil {
		return a, fmt.Errorf("the keys %s: %w", c.Keys, err)
	}
	return a, nil
}

func (c userAddCommand) password(s streams) (password string, generated bool, err error) {
	switch c.Password {
	case "generate":
		return rand.Text(), true, nil
	case "none":
		return "", false, nil
	}
	line, err := bufio.NewReader(s.in).ReadString('\n')
	if err != nil && line == "" {
		return "", false, fmt.Errorf("reading the password from standard input: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), false, nil
}

func roleNames() string {
	var names []string
	for _, r := range fhir.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

type userListCommand struct{ databaseFlag }

// Run lists name, roles and entity of each account, tab-separated.
func (c userListCommand) Run(ctx context.Context, s streams) error {
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	accounts, err := store.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		entity := ""
		if !a.Entity.IsZero() {
			entity = a.Entity.String()
		}
		fmt.Fprintf(s.out, "%s\t%v\t%s\n", a.Name, a.Roles, entity)
	}
	return nil
}

type userRemoveCommand struct {
	databaseFlag
	Name string `arg:"" help:"The login name."`
}

// Run removes the account; one that is not there is an error.
func (c userRemoveCommand) Run(ctx context.Context, s streams) error {
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if _, found, err := store.Account(ctx, c.Name); err != nil || !found {
		if err == nil {
			err = fmt.Errorf("there is no account %q", c.Name)
		}
		return err
	}
	if err := store.DeleteAccount(ctx, c.Name); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "account %s is removed\n", c.Name)
	return err
}

type migrateCommand struct{ databaseFlag }

// Run opens the database, which migrates it, and closes it again.
func (c migrateCommand) Run(ctx context.Context, s streams) error {
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	_, err = fmt.Fprintln(s.out, "the schema is up to date")
	return err
}
