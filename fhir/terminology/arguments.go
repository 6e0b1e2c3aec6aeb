package terminology

import (
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/terminology/codes"
)

// arguments are what an operation is called with.
type arguments struct {
	given []argument
}

// An argument is one parameter; body is of those that are resources.
type argument struct {
	name        string
	value, body fhir.Node
	parts       fhir.Node
}

// everywhere are parameters that each operation takes: resources that stand in
// for stored ones, as validators send them.
var everywhere = []string{"tx-resource"}

// readArguments reads the input of an operation. A resource of the type itself
// in place of Parameters is the parameter named. A parameter that is not among
// those taken is refused by name.
func readArguments(in *fhir.Resource, typ, named string, taken []string) (*arguments, error) {
	a := &arguments{}
	if in == nil {
		return a, nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	root := doc.Root()
	switch got := root.Get("resourceType").Text(); {
	case got == typ && named != "":
		a.given = append(a.given, argument{name: named, body: root})
		return a, nil
	case got != "Parameters":
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "the operation takes a Parameters resource, not a %.40q", got)
	}
	i := 0
	for p := range root.Get("parameter").Each() {
		name := p.Get("name").Text()
		if !slices.Contains(taken, name) && !slices.Contains(everywhere, name) && !strings.HasPrefix(name, "_") {
			return nil, fhir.Errorf(fhir.IssueNotSupported, "Parameters.parameter["+strconv.Itoa(i)+"]",
				"the operation has no parameter %.60q here; it takes %s", name, strings.Join(taken, ", "))
		}
		i++
		arg := argument{name: name, body: p.Get("resource"), parts: p.Get("part")}
		for m := range p.All() {
			if strings.HasPrefix(m.Name(), "value") {
				arg.value = m
			}
		}
		a.given = append(a.given, arg)
	}
	return a, nil
}

// find gives the first argument of a name.
func (a *arguments) find(name string) (argument, bool) {
	for _, arg := range a.given {
		if arg.name == name {
			return arg, true
		}
	}
	return argument{}, false
}

// text gives a primitive value, "" where there is none.
func (a *arguments) text(name string) string {
	arg, _ := a.find(name)
	return arg.value.Text()
}

// texts gives all values of a parameter that may repeat.
func (a *arguments) texts(name string) []string {
	var out []string
	for _, arg := range a.given {
		if arg.name == name {
			out = append(out, arg.value.Text())
		}
	}
	return out
}

// flag gives a boolean; given is false where there is none.
func (a *arguments) flag(name string) (value, given bool, err error) {
	arg, given := a.find(name)
	if !given {
		return false, false, nil
	}
	switch arg.value.Text() {
	case "true":
		return true, true, nil
	case "false":
		return false, true, nil
	}
	return false, false, fhir.Errorf(fhir.IssueValue, "Parameters.parameter", "%s must be true or false, not %.40q", name, arg.value.Text())
}

// number gives an integer from 0 on; given is false where there is none.
func (a *arguments) number(name string) (value int, given bool, err error) {
	arg, given := a.find(name)
	if !given {
		return 0, false, nil
	}
	n, err := strconv.ParseInt(arg.value.Text(), 10, 32)
	if err != nil || n < 0 {
		return 0, false, fhir.Errorf(fhir.IssueValue, "Parameters.parameter", "%s must be a number from 0 on, not %.40q", name, arg.value.Text())
	}
	return int(n), true, nil
}

// resource gives a parameter that is a resource.
func (a *arguments) resource(name, typ string) (fhir.Node, error) {
	arg, ok := a.find(name)
	if !ok {
		return fhir.Node{}, nil
	}
	if got := arg.body.Get("resourceType").Text(); got != typ {
		return fhir.Node{}, fhir.Errorf(fhir.IssueInvalid, "Parameters.parameter", "%s must be a resource of type %s", name, typ)
	}
	return arg.body, nil
}

// resources gives the resources that came along for the others to refer to.
func (a *arguments) resources() []fhir.Node {
	var out []fhir.Node
	for _, arg := range a.given {
		if arg.name == "tx-resource" && arg.body.Exists() {
			out = append(out, arg.body)
		}
	}
	return out
}

// A shown is a code with the display that is claimed for it.
type shown struct {
	coded
	display string
}

// codings gives the codes asked about: that of code and system, of a coding, or
// all of a codeableConcept. system and version name the parameters that go with
// code, since value sets call their versions otherwise. It fails where there is
// not one of the three.
func (a *arguments) codings(system, version string) ([]shown, error) {
	var out []shown
	ways := 0
	if code, ok := a.find("code"); ok {
		ways++
		name := parseCanonical(a.text(system))
		if v := a.text(version); v != "" {
			name.version = v
		}
		out = append(out, shown{coded{name.url, name.version, code.value.Text()}, a.text("display")})
	}
	if c, ok := a.find("coding"); ok {
		ways++
		out = append(out, readCoding(c.value))
	}
	if c, ok := a.find("codeableConcept"); ok {
		ways++
		for coding := range c.value.Get("coding").Each() {
			out = append(out, readCoding(coding))
		}
	}
	if ways != 1 {
		return nil, fhir.Errorf(fhir.IssueInvalid, "Parameters.parameter", "the operation needs one of code, coding and codeableConcept; %d were given", ways)
	}
	if len(out) == 0 {
		return nil, fhir.Errorf(fhir.IssueInvalid, "Parameters.parameter", "the codeableConcept has no coding")
	}
	return out, nil
}

func readCoding(n fhir.Node) shown {
	return shown{coded{n.Get("system").Text(), n.Get("version").Text(), n.Get("code").Text()}, n.Get("display").Text()}
}

// languages gives the languages displays are wanted in.
func (a *arguments) languages() []string { return codes.Languages(a.text("displayLanguage")) }
