package patient

// numberDigitsMax is the longest insurance number: openIMIS keeps twelve digits,
// and some schemes' national numbers have more.
const numberDigitsMax = 20

// Valid reports whether an insurance number is 2 to 20 digits of which the last
// checks the others by Luhn's method (ISO/IEC 7812-1 annex B): one mistyped
// digit, and nearly every swap of two neighbours, is found.
func Valid(number string) bool {
	if len(number) < 2 || len(number) > numberDigitsMax {
		return false
	}
	sum := 0
	for i := range len(number) {
		c := number[len(number)-1-i]
		if c < '0' || c > '9' {
			return false
		}
		digit := int(c - '0')
		if i%2 == 1 {
			digit *= 2
		}
		sum += digit/10 + digit%10
	}
	return sum%10 == 0
}
