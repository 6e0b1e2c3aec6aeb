package storage

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"bima/fhir"
	"bima/storage/index"
)

// accountRow is a fhir.Account as gorm maps it.
type accountRow struct {
	Name       string `gorm:"primaryKey"`
	Roles      string // separated by spaces
	EntityType string
	EntityID   string
	Secret     string
	Keys       string
	Disabled   int64
}

// TableName names the table for gorm.
func (accountRow) TableName() string { return "account" }

func (a accountRow) account() fhir.Account {
	out := fhir.Account{
		Name: a.Name, Entity: fhir.Key{Type: a.EntityType, ID: a.EntityID},
		Secret: a.Secret, Keys: a.Keys, Disabled: a.Disabled != 0,
	}
	for _, role := range strings.Fields(a.Roles) {
		out.Roles = append(out.Roles, fhir.Role(role))
	}
	return out
}

// PutAccount makes an account or replaces the one of its name.
func (s *Store) PutAccount(ctx context.Context, a fhir.Account) error {
	if a.Name == "" {
		return fhir.Errorf(fhir.IssueRequired, "", "An account needs a name.")
	}
	roles := make([]string, 0, len(a.Roles))
	for _, role := range a.Roles {
		roles = append(roles, string(role))
	}
	row := accountRow{
		Name: a.Name, Roles: strings.Join(roles, " "),
		EntityType: a.Entity.Type, EntityID: a.Entity.ID, Secret: a.Secret, Keys: a.Keys,
	}
	if a.Disabled {
		row.Disabled = 1
	}
	return outcome(s.gorm.WithContext(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// Account gives the account of a name, and whether there is one.
func (s *Store) Account(ctx context.Context, name string) (fhir.Account, bool, error) {
	var row accountRow
	err := s.gorm.WithContext(ctx).Where("name = ?", index.Stored(name)).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return fhir.Account{}, false, nil
	}
	return row.account(), err == nil, outcome(err)
}

// Accounts gives all accounts by name.
func (s *Store) Accounts(ctx context.Context) ([]fhir.Account, error) {
	var all []accountRow
	if err := s.gorm.WithContext(ctx).Order("name").Find(&all).Error; err != nil {
		return nil, outcome(err)
	}
	out := make([]fhir.Account, 0, len(all))
	for _, row := range all {
		out = append(out, row.account())
	}
	return out, nil
}

// DeleteAccount deletes the account of a name; IssueNotFound where there is none.
func (s *Store) DeleteAccount(ctx context.Context, name string) error {
	done := s.gorm.WithContext(ctx).Where("name = ?", index.Stored(name)).Delete(&accountRow{})
	if done.Error == nil && done.RowsAffected == 0 {
		return fhir.Errorf(fhir.IssueNotFound, "", "There is no account %q.", name)
	}
	return outcome(done.Error)
}
