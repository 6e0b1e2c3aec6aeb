package token

import "strings"

// prefix begins a token that is written in digits.
const prefix = "shc:/"

// firstCode is what is taken from each character's code, so that two digits hold
// it: '-' is 00 and 'z' 77. Source: SMART Health Cards, "Encoding Chunks as QR
// Codes".
const firstCode = 45

// Numeric writes a compact JWS as it stands in the QR code.
func Numeric(jws string) string {
	b := make([]byte, 0, len(prefix)+2*len(jws))
	b = append(b, prefix...)
	for i := range len(jws) {
		v := jws[i] - firstCode
		b = append(b, '0'+v/10, '0'+v%10)
	}
	return string(b)
}

// compact gives the compact JWS of a text, which may be in digits, and may have
// white space around it.
func compact(text string) (string, error) {
	text = strings.TrimSpace(text)
	digits, numeric := strings.CutPrefix(text, prefix)
	switch {
	case len(text) > textBytesMax:
		return "", errForm
	case !numeric:
		return text, nil
	case len(digits)%2 != 0:
		return "", errForm
	}
	b := make([]byte, 0, len(digits)/2)
	for i := 0; i < len(digits); i += 2 {
		high, low := digits[i]-'0', digits[i+1]-'0'
		if high > 9 || low > 9 {
			return "", errForm
		}
		b = append(b, high*10+low+firstCode)
	}
	return string(b), nil
}
