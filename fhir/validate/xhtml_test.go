package validate_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestResource_ChecksNarrative(t *testing.T) {
	const div, txt1 = "Patient.text.div", "error invariant txt-1 Patient.text.div"
	narrative := func(xhtml string) string {
		text, err := json.Marshal(xhtml)
		if err != nil {
			t.Fatal(err)
		}
		return `{"resourceType":"Patient","text":{"status":"generated","div":` + string(text) + `}}`
	}
	in := func(inner string) string {
		return narrative(`<div xmlns="http://www.w3.org/1999/xhtml">` + inner + `</div>`)
	}
	value := []string{"error value " + div}
	checkAll(t, []rule{
		{"formatting, lists, tables, links and images", in(`<p class="a" id="b" style="color: red" title="c" lang="sw">x <b>y</b><br/><!-- z --></p><ul><li>1</li></ul><table border="1"><tr><td colspan="2">&lt;&amp;&#160;&#xA0;</td></tr></table><a href="https://x.org" name="n">l</a><img src="data:image/png;base64,AAAA" alt="i"/>`), nil, ""},
		{"an image alone", in(`<img src="#i" alt="i"/>`), nil, ""},
		{"white space around", narrative("\n <div xmlns='http://www.w3.org/1999/xhtml' >x</div >\n"), nil, ""},
		{"a background image within the record", in(`<p style="background: url(data:image/png;base64,AA==)">x</p>`), nil, ""},
		{"nothing to read", in(` <p/> `), []string{"warning invariant txt-2 " + div}, "nothing to read"},
		{"a script", in(`<script>alert(1)</script>`), []string{txt1}, "<script>"},
		{"an event handler", in(`<p onclick="x()">x</p>`), []string{txt1}, "onclick"},
		{"a link that runs", in(`<a href="javascript:x()">x</a>`), []string{txt1}, "javascript:"},
		{"a link that runs, disguised", in(`<a href=" java&#115;cript&#x3A;x()">x</a>`), []string{txt1}, "javascript:"},
		{"a page within a link", in(`<a href="data:text/html,x">x</a>`), []string{txt1}, "data:"},
		{"a style from elsewhere", in(`<p style="background: url( 'http://x.org/a.png')">x</p>`), []string{txt1}, "url('http"},
		{"a style sheet", in(`<link rel="stylesheet" href="http://x.org"/>x`), []string{txt1}, "<link>"},
		{"a form", in(`<form action="x"><input name="y"/></form>x`), []string{txt1, txt1}, "<form>"},
		{"a frame", in(`<iframe src="http://x.org"></iframe>x`), []string{txt1}, "<iframe>"},
		{"an element in capitals", in(`<P>x</P>`), []string{txt1}, "<P>"},
		{"an attribute of another element", in(`<p href="http://x.org">x</p>`), []string{txt1}, "href"},
		{"another root", narrative(`<p xmlns="http://www.w3.org/1999/xhtml">x</p>`), []string{txt1}, "one <div"},
		{"no namespace", narrative(`<div>x</div>`), value, "xmlns"},
		{"another namespace", narrative(`<div xmlns="http://www.w3.org/2000/svg">x</div>`), []string{"error value " + div, "error value " + div}, "svg"},
		{"two roots", narrative(`<div xmlns="http://www.w3.org/1999/xhtml">x</div><div/>`), value, "more text after"},
		{"text before the div", narrative(`x<div xmlns="http://www.w3.org/1999/xhtml">x</div>`), value, "must begin"},
		{"only white space", narrative(" "), value, "must be one"},
		{"an element that is not closed", in(`<p>x`), value, "closes no open element"},
		{"a div that is not closed", narrative(`<div xmlns="http://www.w3.org/1999/xhtml">x`), value, "not closed"},
		{"elements that cross", in(`<b><i>x</b></i>`), value, "closes no open element"},
		{"an attribute without quotes", in(`<p class=a>x</p>`), value, "quotes"},
		{"attributes that touch", in(`<p class="a"id="b">x</p>`), value, "white space"},
		{"an attribute that occurs twice", in(`<p class="a" class="b">x</p>`), value, "twice"},
		{"a tag that is not closed", in(`<p class="a" <b>x</b></p>`), value, "not closed"},
		{"a bare less-than", in(`1 < 2`), value, "&lt;"},
		{"a less-than in an attribute", in(`<p title="<">x</p>`), value, "&lt;"},
		{"a bare ampersand", in(`a & b`), value, "&amp;"},
		{"an entity of HTML", in(`a&nbsp;b`), value, "&#160;"},
		{"a document type", narrative(`<!DOCTYPE html><div xmlns="http://www.w3.org/1999/xhtml">x</div>`), value, "document types"},
		{"a comment without end", in(`<!-- x`), value, "-->"},
		{"nesting without bound", in(strings.Repeat("<b>", 300) + "x" + strings.Repeat("</b>", 300)), value, "too deep"},
		{"a required status that is missing", `{"resourceType":"Patient","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}}`, []string{"error required Patient.text.status"}, ""},
		{"an image that is contained", `{"resourceType":"Patient","contained":[{"resourceType":"Binary","id":"i","contentType":"image/png"}],"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><img src=\"#i\" alt=\"i\"/></div>"}}`, nil, ""},
	})
}
