package interaction

import (
	"net/url"
	"strings"

	"bima/fhir"
)

// cursorParameter carries the place in a list from one page to the next.
const cursorParameter = "_cursor"

// joinQuery gives a URL with its query, if there is any.
func joinQuery(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// cursorURL gives the URL of another page, "" where there is none.
func cursorURL(path string, values url.Values, cursor string) string {
	if cursor == "" {
		return ""
	}
	return withCursor(path, values.Encode(), cursor)
}

// withCursor adds a cursor to a URL; "" gives "".
func withCursor(path, query, cursor string) string {
	if cursor == "" {
		return ""
	}
	if query != "" {
		query += "&"
	}
	return path + "?" + query + cursorParameter + "=" + url.QueryEscape(cursor)
}

// withoutCursor drops the cursor of a query and leaves the rest as it is.
func withoutCursor(query string) string {
	if !strings.Contains(query, cursorParameter) {
		return query
	}
	var kept []string
	for p := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(p, "="); name != cursorParameter {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "&")
}

// sizeOf estimates the bytes of a Bundle of the resources.
func sizeOf(resources []*fhir.Resource) int {
	const around = 256 // fullUrl, search, request and response
	size := 0
	for _, r := range resources {
		size += len(r.Body) + around
	}
	return size
}
