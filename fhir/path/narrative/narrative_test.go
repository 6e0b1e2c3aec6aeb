package narrative_test

import (
	"testing"

	"bima/fhir/path/narrative"
)

func TestValid(t *testing.T) {
	const open = `<div xmlns="http://www.w3.org/1999/xhtml">`
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"text", open + "<p class=\"x\">a &amp; b &eacute;</p></div>", true},
		{"an image alone", open + `<img src="#a" alt="b"/></div>`, true},
		{"a link within", open + `<a href="#x" xml:lang="en">x</a></div>`, true},
		{"nothing to read", open + " <p> </p></div>", false},
		{"a script", open + "<script>x</script></div>", false},
		{"an event attribute", open + `<p onclick="x()">a</p></div>`, false},
		{"a script in a link", open + `<a href="javascript:x()">a</a></div>`, false},
		{"a form", open + "<form><input/></form>x</div>", false},
		{"another element at the root", `<p xmlns="http://www.w3.org/1999/xhtml">x</p>`, false},
		{"no namespace", "<div>x</div>", false},
		{"two roots", open + "x</div>" + open + "y</div>", false},
		{"an element left open", open + "x", false},
		{"text outside", "x" + open + "y</div>", false},
		{"a document type", "<!DOCTYPE html>" + open + "y</div>", false},
		{"nothing", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := narrative.Valid(c.text); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

func TestValidWithin(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"text with marks", "<b>This</b> is <code>it</code>", true},
		{"a form's button", "<button>x</button>", false},
		{"the div closed and another opened", `x</div><div xmlns="http://www.w3.org/1999/xhtml">y`, false},
		{"an element left open", "<b>x", false},
		{"nothing", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := narrative.ValidWithin(c.text); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}
