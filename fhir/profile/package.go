package profile

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"path"
	"strings"

	"bima/fhir"
)

// What a package may hold at most. HL7's own, hl7.fhir.r4.core, has 4,700 files
// and 110 MB, its largest file 3 MB.
const (
	packageFilesMax = 50_000
	packageBytesMax = 512 << 20
	fileBytesMax    = 32 << 20
)

// conformance holds the resource types that a package is read for.
var conformance = map[string]bool{
	"StructureDefinition": true, "ValueSet": true, "CodeSystem": true, "ConceptMap": true, "NamingSystem": true,
	"SearchParameter": true, "OperationDefinition": true, "CapabilityStatement": true, "CompartmentDefinition": true,
	"ImplementationGuide": true, "StructureMap": true, "GraphDefinition": true, "MessageDefinition": true,
	"Questionnaire": true, "Library": true, "Measure": true, "PlanDefinition": true, "ActivityDefinition": true,
	"ExampleScenario": true, "TerminologyCapabilities": true, "EventDefinition": true,
}

// ReadPackage reads the conformance resources of a FHIR NPM package, a .tgz whose
// folder package/ holds one resource in each .json file; its subfolders, such as
// examples, are passed over. It fails with an Outcome of IssueInvalid where the
// text is no such package, and of IssueTooLong where it holds more than 50,000
// files, 512 MiB in all or 32 MiB in one. Source: the FHIR NPM package format.
func ReadPackage(r io.Reader) ([]Definition, error) {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "this is no FHIR package: it is not compressed by gzip; give the .tgz file").Because(err)
	}
	rest := io.LimitedReader{R: unzipped, N: packageBytesMax}
	files := tar.NewReader(&rest)
	var list []Definition
	for n := 0; ; n++ {
		header, err := files.Next()
		switch {
		case errors.Is(err, io.EOF) && rest.N > 0:
			return list, nil
		case rest.N <= 0 || n >= packageFilesMax:
			return nil, fhir.Errorf(fhir.IssueTooLong, "", "the package holds more than %d files or %d MiB: load its resources one by one", packageFilesMax, packageBytesMax>>20)
		case err != nil:
			return nil, fhir.Errorf(fhir.IssueInvalid, "", "this is no FHIR package: it is no tar archive, or is cut off").Because(err)
		}
		if !isDefinition(header) {
			continue
		}
		d, err := readFile(files, header)
		if err != nil {
			return nil, err
		}
		if conformance[d.Type] {
			list = append(list, d)
		}
	}
}

// isDefinition reports whether a file is one of the resources of the package.
func isDefinition(h *tar.Header) bool {
	name := path.Clean(h.Name)
	base := path.Base(name)
	return h.Typeflag == tar.TypeReg && path.Dir(name) == "package" && strings.HasSuffix(base, ".json") &&
		base != "package.json" && !strings.HasPrefix(base, ".")
}

func readFile(files *tar.Reader, h *tar.Header) (d Definition, err error) {
	if h.Size > fileBytesMax {
		return d, fhir.Errorf(fhir.IssueTooLong, "", "%s in the package has %d MiB, more than %d: leave it out of the package", path.Base(h.Name), h.Size>>20, fileBytesMax>>20)
	}
	body, err := io.ReadAll(io.LimitReader(files, fileBytesMax))
	if err != nil {
		return d, fhir.Errorf(fhir.IssueInvalid, "", "%s in the package is cut off: fetch the package again", path.Base(h.Name)).Because(err)
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return d, fhir.Errorf(fhir.IssueInvalid, "", "%s in the package is no JSON: %w", path.Base(h.Name), err)
	}
	defer doc.Release()
	d.Type = strings.Clone(doc.Root().Get("resourceType").Text())
	d.ID = strings.Clone(doc.Root().Get("id").Text())
	d.Body = body
	return d, nil
}
