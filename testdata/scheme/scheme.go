package scheme

import (
	"bytes"
	"embed"

	"bima/profiles"
)

//go:generate go run ./generate

//go:embed *.json
var bundles embed.FS

// A File is one transaction Bundle. Every entry puts a resource under its own id,
// so that loading it a second time changes nothing.
type File struct {
	Name string // "20-tariffs.json"
	Body []byte // JSON; shared, so nobody writes to it
}

// Files gives the Bundles in the order to load them: definitions, scheme,
// tariffs, product, members, contributions, claims.
func Files() []File {
	entries, err := bundles.ReadDir(".")
	if err != nil {
		panic("scheme: the embedded folder can't be listed: " + err.Error())
	}
	files := []File{{"00-definitions.json", definitions()}}
	for _, entry := range entries {
		body, err := bundles.ReadFile(entry.Name())
		if err != nil {
			panic("scheme: the embedded " + entry.Name() + " can't be read: " + err.Error())
		}
		files = append(files, File{entry.Name(), body})
	}
	return files
}

// definitions gives Bima's own conformance resources as a Bundle.
func definitions() []byte {
	var out bytes.Buffer
	out.WriteString(`{"resourceType":"Bundle","type":"transaction","entry":[`)
	for i, d := range profiles.Definitions() {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(`{"resource":`)
		out.Write(d.Body)
		out.WriteString(`,"request":{"method":"PUT","url":"` + d.Type + `/` + d.ID + `"}}`)
	}
	out.WriteString("]}")
	return out.Bytes()
}
