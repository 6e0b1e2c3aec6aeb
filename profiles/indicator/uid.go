package indicator

import (
	"crypto/sha256"
	"math/big"
)

// An Object is a kind of object of DHIS2. Codes are unique within a kind only, so
// the kind is part of what a UID is made from.
type Object string

// The kinds of objects that have UIDs of ours, by DHIS2's names.
const (
	ObjectElement  Object = "dataElement"
	ObjectDataSet  Object = "dataSet"
	ObjectCategory Object = "category"
	ObjectOption   Object = "categoryOption"
	ObjectCombo    Object = "categoryCombo"
	ObjectCell     Object = "categoryOptionCombo"
	ObjectOrgUnit  Object = "organisationUnit"
	ObjectOther    Object = "object" // indicators, groups and whatever else is made
)

const (
	digits62  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	uidDigits = 10
)

// UID gives the UID of an object by its code: "H" and ten digits and letters, the
// same on every server and in every release.
func UID(kind Object, code string) string {
	sum := sha256.Sum256([]byte(string(kind) + "|" + code))
	n, base, digit := new(big.Int).SetBytes(sum[:]), big.NewInt(int64(len(digits62))), new(big.Int)
	uid := make([]byte, 1+uidDigits)
	uid[0] = 'H'
	for i := uidDigits; i > 0; i-- {
		n.DivMod(n, base, digit)
		uid[i] = digits62[digit.Int64()]
	}
	return string(uid)
}
