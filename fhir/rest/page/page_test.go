package page_test

import (
	"regexp"
	"strings"
	"testing"

	"bima/fhir/rest/page"
)

func TestThePageNeedsNothingFromElsewhere(t *testing.T) {
	loads := regexp.MustCompile(`(?i)(src|href)="([^"]*)"|@import|:\s*url\(|<style|\son[a-z]+=|<script>|style="`)
	for _, at := range []string{"/", "/page.css", "/page.js"} {
		file, ok := page.Open(at)
		if !ok || len(file.Body) == 0 || file.ETag == "" {
			t.Fatalf("%s is not there", at)
		}
		for _, match := range loads.FindAllStringSubmatch(string(file.Body), -1) {
			switch {
			case match[1] == "href" && strings.HasPrefix(match[2], "https://hl7.org/"): // a link that people follow
			case match[1] != "" && !strings.Contains(match[2], "//"):
			default:
				t.Errorf("%s holds %s, which the policy forbids or another server answers", at, match[0])
			}
		}
		if strings.Contains(string(file.Body), "innerHTML") {
			t.Errorf("%s writes markup from data", at)
		}
	}
}

func TestOnlyThePageIsThere(t *testing.T) {
	for _, at := range []string{"/index.html", "/page.go", "/..", ""} {
		if _, ok := page.Open(at); ok {
			t.Errorf("%q can be read", at)
		}
	}
	if strings.Contains(page.Policy, "unsafe") || !strings.HasPrefix(page.Policy, "default-src 'none'") {
		t.Errorf("the policy is %s", page.Policy)
	}
}
