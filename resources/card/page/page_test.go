package page_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"bima/resources/card/page"
)

func get(t *testing.T, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	h, ok := page.Files()[path]
	if !ok {
		t.Fatalf("%s is not there", path)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestThePageNeedsNothingFromElsewhere(t *testing.T) {
	loads := regexp.MustCompile(`(?i)(src|href)="([^"]*)"|@import|:\s*url\(|<style|\son[a-z]+=|<script>|style="|innerHTML|eval\(|https?://`)
	for path := range page.Files() {
		w := get(t, path)
		if w.Code != http.StatusOK || w.Body.Len() == 0 || !strings.Contains(w.Header().Get("Content-Type"), "charset=utf-8") {
			t.Errorf("%s answers %d %s", path, w.Code, w.Header())
		}
		for _, match := range loads.FindAllStringSubmatch(w.Body.String(), -1) {
			if match[1] == "" || strings.Contains(match[2], "//") {
				t.Errorf("%s holds %s, which the policy forbids or another server answers", path, match[0])
			}
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: the policy is %s", path, policy)
		}
	}
}

func TestWhatIsThereAlreadyIsNotSentAgain(t *testing.T) {
	tag := get(t, "/card").Header().Get("Etag")
	for sent, want := range map[string]int{tag: 304, "W/" + tag: 304, `"other", ` + tag: 304, "*": 304, `"other"`: 200, "": 200} {
		if w := get(t, "/card", "If-None-Match", sent); w.Code != want || want == 304 && w.Body.Len() > 0 {
			t.Errorf("If-None-Match %s: got %d, want %d", sent, w.Code, want)
		}
	}
}
