package validate

// twoDigits reads two digits at a place, or gives -1.
func twoDigits(s string, at int) int {
	if len(s) < at+2 {
		return -1
	}
	a, b := s[at]-'0', s[at+1]-'0'
	if a > 9 || b > 9 {
		return -1
	}
	return int(a)*10 + int(b)
}

// datePart gives how many bytes at the beginning of s are a date that exists;
// 0 if none are. Source: R4 datatypes#date.
func datePart(s string) int {
	century, year := twoDigits(s, 0), twoDigits(s, 2)
	if century < 0 || year < 0 || century+year == 0 {
		return 0
	}
	year += century * 100
	if len(s) == 4 {
		return 4
	}
	month := twoDigits(s, 5)
	if s[4] != '-' || month < 1 || month > 12 {
		return 0
	}
	if len(s) == 7 {
		return 7
	}
	day := twoDigits(s, 8)
	if s[7] != '-' || day < 1 || day > daysIn(month, year) {
		return 0
	}
	return 10
}

func daysIn(month, year int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

func isDate(s string) bool {
	n := datePart(s)
	return n > 0 && n == len(s)
}

// isDateTime holds R4's rule: where there is a time, seconds and a zone follow.
func isDateTime(s string) bool {
	n := datePart(s)
	return n > 0 && (n == len(s) || n == 10 && isTail(s[n:]))
}

func isInstant(s string) bool { return datePart(s) == 10 && isTail(s[10:]) }

// isTail checks "Thh:mm:ss[.f]" with a zone.
func isTail(s string) bool {
	if s == "" || s[0] != 'T' {
		return false
	}
	n := clockPart(s[1:])
	return n > 0 && isZone(s[1+n:])
}

func isClock(s string) bool {
	n := clockPart(s)
	return n > 0 && n == len(s)
}

// clockPart gives how many bytes at the beginning of s are a time of day to the
// second or finer; 0 if none are. A leap second may be written.
func clockPart(s string) int {
	hour, minute, second := twoDigits(s, 0), twoDigits(s, 3), twoDigits(s, 6)
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 || s[2] != ':' || s[5] != ':' {
		return 0
	}
	if len(s) == 8 || s[8] != '.' {
		return 8
	}
	n := 9
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	if n == 9 {
		return 0
	}
	return n
}

// isZone checks "Z" or an offset up to 14:00.
func isZone(s string) bool {
	if s == "Z" {
		return true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return false
	}
	hours, minutes := twoDigits(s, 1), twoDigits(s, 4)
	return hours >= 0 && minutes >= 0 && minutes <= 59 && (hours < 14 || hours == 14 && minutes == 0)
}
