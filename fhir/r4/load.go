package r4

import (
	"fmt"
	"strconv"
	"strings"
)

// A loader reads the table of types. Every string it keeps is a part of the
// embedded table, so loading copies no text.
type loader struct {
	constraints []Constraint
	valueSets   []string
	types       map[string]*Type
	targets     map[string][]string // of references, by the text in brackets
	bindings    map[string]*Binding // by the text of the field
	elements    []Element           // room for all elements
	finished    map[*Type]bool
	pending     map[*Type]definition
}

// A definition is what the table says of a type, not yet read.
type definition struct{ base, constraints, elements string }

// loadTypes reads the table. A table that does not hold what it should was
// generated wrongly, which is a broken promise of our own: it panics.
func loadTypes(table string) map[string]*Type {
	l := &loader{
		types:    make(map[string]*Type, strings.Count(table, "\n=")),
		targets:  map[string][]string{},
		bindings: map[string]*Binding{},
		elements: make([]Element, 0, strings.Count(table, "\n")),
		finished: map[*Type]bool{},
		pending:  map[*Type]definition{},
	}
	l.declare(table)
	for _, t := range l.types {
		l.define(t)
	}
	return l.types
}

// declare makes the types without their elements, so that they can refer to
// each other.
func (l *loader) declare(table string) {
	for table != "" {
		line, rest, _ := strings.Cut(table, "\n")
		switch line[0] {
		case 'C':
			f := strings.SplitN(line, "\t", 5)
			l.constraints = append(l.constraints, Constraint{Key: f[1], Severity: f[2], Human: f[3], Expression: f[4]})
		case 'V':
			l.valueSets = append(l.valueSets, line[2:])
		case '=':
			end := strings.Index(rest, "\n=") + 1
			if end == 0 {
				end = len(rest)
			}
			if strings.HasPrefix(rest, "=") {
				end = 0
			}
			l.declareType(line, rest[:end])
			rest = rest[end:]
		}
		table = rest
	}
}

func (l *loader) declareType(line, elements string) {
	f := strings.SplitN(line, "\t", 5)
	kinds := map[byte]Kind{'p': KindPrimitive, 'c': KindComplex, 'b': KindBackbone, 'r': KindResource}
	t := &Type{Name: f[1], Kind: kinds[f[2][0]], Abstract: strings.HasSuffix(f[2], "a")}
	l.types[t.Name] = t
	l.pending[t] = definition{base: f[3], constraints: f[4], elements: elements}
}

// define completes a type after its base.
func (l *loader) define(t *Type) {
	if l.finished[t] {
		return
	}
	l.finished[t] = true
	d := l.pending[t]
	if d.base != "" {
		t.Base = l.typ(d.base)
		l.define(t.Base)
		t.Constraints = t.Base.Constraints
		t.Elements = t.Base.Elements
	}
	if d.constraints != "" {
		t.Constraints = append(t.Constraints[:len(t.Constraints):len(t.Constraints)], l.constraintList(d.constraints)...)
	}
	if d.elements != "" {
		t.Elements = append(make([]*Element, 0, len(t.Elements)+strings.Count(d.elements, "\n")), t.Elements...)
	}
	for line := range strings.Lines(d.elements) {
		t.Elements = append(t.Elements, l.element(t, strings.TrimSuffix(line, "\n")))
	}
	l.name(t)
	if t.Kind == KindPrimitive {
		t.Elements = nil
	}
}

// name fills the maps by which a type finds its elements.
func (l *loader) name(t *Type) {
	if t.Kind == KindPrimitive {
		element := l.typ("Element")
		l.define(element)
		t.byJSON, t.byName = element.byJSON, element.byName
		return
	}
	members := 0
	for _, e := range t.Elements {
		members += len(e.Types)
	}
	t.byJSON = make(map[string]member, members)
	t.byName = make(map[string]*Element, len(t.Elements))
	for _, e := range t.Elements {
		t.byName[e.Name] = e
		for i := range e.Types {
			t.byJSON[e.Types[i].JSON] = member{e, &e.Types[i]}
		}
	}
}

// element reads "name flags types binding constraints".
func (l *loader) element(t *Type, line string) *Element {
	name, line, _ := strings.Cut(line, "\t")
	flags, line, _ := strings.Cut(line, "\t")
	typeList, line, _ := strings.Cut(line, "\t")
	binding, constraints, _ := strings.Cut(line, "\t")
	l.elements = append(l.elements, Element{
		Name:     name,
		Index:    len(t.Elements),
		Min:      int(flags[0] - '0'),
		Max:      1,
		Choice:   strings.Contains(flags, "C"),
		Modifier: strings.Contains(flags, "M"),
		Summary:  strings.Contains(flags, "S"),
		Binding:  l.binding(binding),
	})
	e := &l.elements[len(l.elements)-1]
	if flags[1] == '*' {
		e.Max = Unbounded
	}
	if constraints != "" {
		e.Constraints = l.constraintList(constraints)
	}
	e.Types = l.elementTypes(e, typeList)
	return e
}

func (l *loader) elementTypes(e *Element, list string) []ElementType {
	out := make([]ElementType, 0, strings.Count(list, " ")+1)
	for list != "" {
		var word string
		word, list, _ = strings.Cut(list, " ")
		name, targets, _ := strings.Cut(word, "(")
		et := ElementType{JSON: e.Name, Type: l.typ(name), Targets: l.targetList(targets)}
		if e.Choice {
			et.JSON = e.Name + strings.ToUpper(name[:1]) + name[1:]
		}
		out = append(out, et)
	}
	return out
}

func (l *loader) targetList(text string) []string {
	if text == "" {
		return nil
	}
	list, seen := l.targets[text]
	if !seen {
		list = strings.Split(strings.TrimSuffix(text, ")"), ",")
		l.targets[text] = list
	}
	return list
}

// binding reads a strength's letter and the number of a value set.
func (l *loader) binding(text string) *Binding {
	if text == "" {
		return nil
	}
	b, seen := l.bindings[text]
	if !seen {
		strengths := map[byte]string{'r': "required", 'e': "extensible", 'p': "preferred", 'x': "example"}
		b = &Binding{Strength: strengths[text[0]], ValueSet: l.valueSets[number(text[1:])]}
		l.bindings[text] = b
	}
	return b
}

func (l *loader) constraintList(text string) []Constraint {
	var out []Constraint
	for word := range strings.FieldsSeq(text) {
		out = append(out, l.constraints[number(word)])
	}
	return out
}

func (l *loader) typ(name string) *Type {
	t := l.types[name]
	if t == nil {
		panic(fmt.Sprintf("r4: the table of types mentions %q and does not define it", name))
	}
	return t
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(fmt.Sprintf("r4: %q in the table of types should be a number", text))
	}
	return n
}
