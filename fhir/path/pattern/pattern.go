package pattern

import (
	"regexp"
	"strings"

	"bima/fhir"
)

// lengthMax is the longest pattern in bytes.
const lengthMax = 4096

// Compile compiles a pattern in which the point matches line ends too. Flags are
// i (case) and m (lines); others are ignored. With full set it must match the
// whole text. It fails with an Outcome of IssueInvalid for what is no pattern,
// and of IssueTooCostly for one longer than 4 KiB.
func Compile(pattern, flags string, full bool) (*regexp.Regexp, error) {
	if len(pattern) > lengthMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the regular expression is longer than %d bytes", lengthMax)
	}
	text := pattern
	if full {
		text = "^(?:" + pattern + ")$"
	}
	mode := "s"
	for _, f := range flags {
		if f == 'i' || f == 'm' {
			mode += string(f)
		}
	}
	re, err := regexp.Compile("(?" + mode + ")" + text)
	if err != nil {
		return nil, fhir.Errorf(fhir.IssueInvalid, "",
			"%.60q is not a regular expression that is understood here (look-around and back-references are not)", pattern)
	}
	return re, nil
}

// Replace replaces all matches; with may hold $1 and ${name} for groups. An empty
// pattern replaces nothing. Not ok when the result is longer than bytesMax.
func Replace(re *regexp.Regexp, s, with string, bytesMax int) (string, bool) {
	if isEmpty(re) {
		return s, true
	}
	if (len(s)+1)*(len(with)+1) > bytesMax && len(re.FindAllStringIndex(s, -1))*len(with) > bytesMax {
		return "", false
	}
	out := re.ReplaceAllString(s, template(with))
	return out, len(out) <= bytesMax
}

// isEmpty reports whether the pattern is nothing but its flags, "(?si)".
func isEmpty(re *regexp.Regexp) bool {
	return strings.IndexByte(re.String(), ')') == len(re.String())-1 && strings.HasPrefix(re.String(), "(?s")
}

// template turns $1 into ${1}, for Go would read $1x as a group named 1x. A
// dollar or backslash behind a backslash stands for itself.
func template(with string) string {
	if !strings.ContainsAny(with, `$\`) {
		return with
	}
	var b strings.Builder
	for i := 0; i < len(with); i++ {
		c := with[i]
		switch {
		case c == '\\' && i+1 < len(with):
			i++
			if with[i] == '$' {
				b.WriteByte('$')
			}
			b.WriteByte(with[i])
		case c == '$' && i+1 < len(with) && isDigit(with[i+1]):
			b.WriteString("${")
			for i++; i < len(with) && isDigit(with[i]); i++ {
				b.WriteByte(with[i])
			}
			b.WriteByte('}')
			i--
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
