package validate

import (
	"strings"

	"bima/fhir"
)

// integerDigitsMax is how many digits the largest integer has: 2147483647.
const integerDigitsMax = 10

// isInteger checks the three whole numbers of R4, which have 32 bits.
func (f format) isInteger(s string) bool {
	digits, negative := strings.CutPrefix(s, "-")
	if digits == "" || len(digits) > integerDigitsMax || digits[0] == '0' && len(s) > 1 {
		return false
	}
	var v int64
	for i := 0; i < len(digits); i++ {
		c := digits[i]
		if c < '0' || c > '9' {
			return false
		}
		v = v*10 + int64(c-'0')
	}
	if negative {
		v = -v
	}
	least := int64(-1 << 31)
	switch f {
	case formatPositiveInt:
		least = 1
	case formatUnsignedInt:
		least = 0
	}
	return v >= least && v < 1<<31
}

// plainDigitsMax is up to how many characters a number without an exponent is
// surely within the limits of fhir.ParseDecimal.
const plainDigitsMax = 400

// isDecimal checks a JSON number against the limits of exact decimals.
func isDecimal(s string) bool {
	if len(s) <= plainDigitsMax && strings.IndexByte(s, 'e') < 0 && strings.IndexByte(s, 'E') < 0 {
		return s != ""
	}
	_, err := fhir.ParseDecimal(s)
	return err == nil
}
