package profiles

// The extensions that tell where a person or family lives, and how far a series
// of numbers has come.
const (
	ExtensionOpenIMISAddressLocation     = OpenIMIS + "/StructureDefinition/address-location-reference" // Address: Reference(Location), the village
	ExtensionOpenIMISAddressMunicipality = OpenIMIS + "/StructureDefinition/address-municipality"       // Address: string
	ExtensionSeriesLast                  = Canonical + "/StructureDefinition/series-last"               // Basic: string of digits
)

// SystemRecord tells kinds of records that R4 has no resource for.
const SystemRecord = Canonical + "/CodeSystem/record"

// IdentifierSeries names a series of numbers (Basic), unique among them.
const IdentifierSeries = Canonical + "/id/number-series"
