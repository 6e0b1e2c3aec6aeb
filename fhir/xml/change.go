package xml

import (
	"slices"
	"strings"
)

// add puts an attribute on an element, or nodes into it, before it or after it.
// Source: RFC 5261 section 4.3.
func (o *operation) add(at place) error {
	n := at.node
	switch {
	case at.attribute != "":
		return o.misfit("it is an attribute, and nothing can be added to that: replace it")
	case o.target != "":
		return o.addAttribute(n, strings.TrimPrefix(o.target, "@"))
	case n.name == "" && (o.position == "" || o.position == "prepend"):
		return o.misfit("it is a text, and nothing can be added inside of that")
	case n.parent.name == "" && (o.position == "before" || o.position == "after"):
		return o.misfit("nothing can stand beside the resource")
	}
	added := o.content.children
	if n.space == spaceFHIR {
		added = withoutBlanks(added)
	}
	parent, index := n, len(n.change().children)
	switch o.position {
	case "prepend":
		index = 0
	case "before":
		parent, index = n.parent, n.index()
	case "after":
		parent, index = n.parent, n.index()+1
	}
	for i, child := range added {
		parent.insert(index+i, child)
	}
	return nil
}

func (o *operation) addAttribute(n *node, name string) error {
	switch {
	case n.name == "":
		return o.misfit("it is a text, which has no attributes")
	case n.attribute(name) != nil:
		return o.misfit("it has the attribute " + excerpt(name) + " already: replace that")
	}
	n.change().attributes = append(n.attributes, pair{name, o.content.content()})
	return nil
}

// replace puts something of the same kind in the place of what is there.
// Source: RFC 5261 section 4.4.
func (o *operation) replace(at place) error {
	n := at.node
	if at.attribute != "" {
		n.change().attribute(at.attribute).value = o.content.content()
		return nil
	}
	if n.name == "" {
		n.change().text = o.content.content()
		return nil
	}
	with := withoutBlanks(o.content.children)
	if len(with) != 1 || with[0].name == "" {
		return o.misfit("an element is replaced by one element")
	}
	if n.parent.name == "" && with[0].name != n.name {
		return o.misfit("a resource can't become one of another type")
	}
	parent, index := n.parent.change(), n.index()
	parent.children[index], with[0].parent = with[0], parent
	return nil
}

// remove takes something away, and the white space beside it as ws asks.
// Source: RFC 5261 section 4.5.
func (o *operation) remove(at place) error {
	n := at.node
	switch {
	case at.attribute != "":
		n.change().attributes = slices.DeleteFunc(n.attributes, func(a pair) bool { return a.name == at.attribute })
		return nil
	case n.parent.name == "":
		return o.misfit("the resource itself can't be removed: delete it")
	}
	siblings, first := n.parent.change().children, n.index()
	last := first + 1
	if (o.space == "before" || o.space == "both") && first > 0 && siblings[first-1].isBlank() {
		first--
	}
	if (o.space == "after" || o.space == "both") && last < len(siblings) && siblings[last].isBlank() {
		last++
	}
	n.parent.children = slices.Delete(siblings, first, last)
	return nil
}

// isBlank reports whether a node is white space.
func (n *node) isBlank() bool { return n.name == "" && strings.TrimSpace(n.text) == "" }

func withoutBlanks(nodes []*node) []*node {
	return slices.DeleteFunc(slices.Clone(nodes), (*node).isBlank)
}
