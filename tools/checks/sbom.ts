/** Writes a CycloneDX 1.5 bill of materials: the dependencies of the published package. */
import { readFileSync, writeFileSync } from "node:fs";
import { fromBase64, toHex } from "../../src/bytes.ts";
import { readPackageJson } from "../manifest.ts";
import { ROOT } from "../runtimes.ts";

/** A package in a lock file. */
export interface LockedPackage {
  readonly version: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Reads the packages of a lock file by their paths in node_modules. */
export function readLock(folder = ""): Readonly<Record<string, LockedPackage>> {
  const { packages } = JSON.parse(readFileSync(`${ROOT}${folder}package-lock.json`, "utf8"));
  const { "": _own, ...others } = packages;
  return others;
}

/** Returns one line for each locked package without a checksum. */
export function unlocked(packages: Readonly<Record<string, LockedPackage>>): string[] {
  return Object.entries(packages)
    .filter(([, { integrity }]) => !integrity?.startsWith("sha512-"))
    .map(([name]) => `${name}: the lock file has no sha512 of it`);
}

/** Writes dist/sbom.cdx.json. It has no time and no random number, so the same sources give the same bytes. */
export function writeSbom(): void {
  const { name, version, license, dependencies } = readPackageJson();
  const packages = readLock();
  const components = Object.keys(dependencies).map((name) =>
    componentOf(name, packages[`node_modules/${name}`])
  );
  const self = purl(name, version);
  const sbom = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: {
        type: "library",
        "bom-ref": self,
        name,
        version,
        purl: self,
        licenses: [{ license: { id: license } }],
      },
    },
    components,
    dependencies: [
      { ref: self, dependsOn: components.map(({ purl }) => purl) },
      ...components.map(({ purl }) => ({ ref: purl, dependsOn: [] })),
    ],
  };
  writeFileSync(`${ROOT}dist/sbom.cdx.json`, `${JSON.stringify(sbom, null, 2)}\n`);
}

/** A component, with the fields that other tools use. */
interface Component {
  readonly purl: string;
  readonly [field: string]: unknown;
}

function componentOf(name: string, locked: LockedPackage): Component {
  const { version, integrity, license, dependencies } = locked;
  if (dependencies) {
    throw new Error(`${name} has dependencies, which the bill of materials would have to name`);
  }
  const reference = purl(name, version);
  const content = toHex(fromBase64(integrity!.slice("sha512-".length)));
  return {
    type: "library",
    "bom-ref": reference,
    name,
    version,
    purl: reference,
    licenses: [{ license: { id: license } }],
    hashes: [{ alg: "SHA-512", content }],
  };
}

function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}
