package bundle

import (
	"net/url"
	"strconv"
	"strings"

	"bima/fhir"
)

// ETag gives the entity tag of a version.
func ETag(version int64) string { return `W/"` + VersionText(version) + `"` }

// VersionText gives a version as meta.versionId has it.
func VersionText(version int64) string { return strconv.FormatInt(version, 10) }

// CursorParameter carries the place in a list from one page to the next.
const CursorParameter = "_cursor"

// JoinQuery gives a URL with its query, if there is any.
func JoinQuery(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// CursorURL gives the URL of another page, "" where there is none.
func CursorURL(path string, values url.Values, cursor string) string {
	if cursor == "" {
		return ""
	}
	return WithCursor(path, values.Encode(), cursor)
}

// WithCursor adds a cursor to a URL; "" gives "".
func WithCursor(path, query, cursor string) string {
	if cursor == "" {
		return ""
	}
	if query != "" {
		query += "&"
	}
	return path + "?" + query + CursorParameter + "=" + url.QueryEscape(cursor)
}

// WithoutCursor drops the cursor of a query and leaves the rest as it is.
func WithoutCursor(query string) string {
	if !strings.Contains(query, CursorParameter) {
		return query
	}
	var kept []string
	for p := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(p, "="); name != CursorParameter {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "&")
}

// SizeOf estimates the bytes of a Bundle of the resources.
func SizeOf(resources []*fhir.Resource) int {
	const around = 256 // fullUrl, search, request and response
	size := 0
	for _, r := range resources {
		size += len(r.Body) + around
	}
	return size
}
