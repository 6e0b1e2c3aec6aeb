package bundle

import (
	"strconv"

	"bima/fhir"
)

// PathTo gives the path of an element of a resource, "Claim.item[0].net", found by
// its place in the source.
func PathTo(root, n fhir.Node) string {
	path, at := root.Get("resourceType").Text(), root
	for at != n {
		i, found := 0, false
		for c := range at.All() {
			if c.Offset() <= n.Offset() && n.Offset() < c.Offset()+len(c.Raw()) {
				if at.Kind() == fhir.KindArray {
					path += "[" + strconv.Itoa(i) + "]"
				} else {
					path += "." + c.Name()
				}
				at, found = c, true
				break
			}
			i++
		}
		if !found {
			break
		}
	}
	return path
}
