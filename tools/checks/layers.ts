/** Keeps the import directions of docs/architecture.md, and prevents import cycles. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path/posix";
import { ROOT } from "../runtimes.ts";

/** The parts of src/ that each part may import in addition to itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  byte_fields: ["errors"],
  bigint: [],
  printable: ["bytes"],
  ip_address: [],
  peer: ["ip_address"],
  errors: [],
  timers: [],
  turns: [],
  abort: ["errors"],
  check: [],
  connection: ["check", "errors"],
  wire: ["check", "bytes", "connection", "errors", "abort", "peer", "timers", "turns"],
  session: ["errors", "wire"],
  lazy_module: ["errors"],
  server: ["check", "connection", "errors", "peer", "timers"],
  preface: ["bytes", "errors", "message", "wire"],
  platform: ["bytes", "bigint", "errors", "crypto"],
  crypto: ["bytes", "bigint", "errors"],
  asn1: ["bytes", "bigint", "errors"],
  x509: ["bytes", "bigint", "errors", "ip_address", "printable", "turns", "crypto", "asn1"],
  acme: ["abort", "bytes", "bigint", "errors", "ip_address", "timers", "crypto", "x509"],
  tls: [
    "check",
    "bytes",
    "byte_fields",
    "bigint",
    "errors",
    "timers",
    "turns",
    "crypto",
    "platform",
    "asn1",
    "x509",
    "connection",
    "wire",
    "session",
    "lazy_module",
  ],
  noise: ["check", "bytes", "byte_fields", "errors", "crypto", "platform", "wire", "session", "preface"],
  off: ["bytes", "errors", "wire", "session", "preface"],
  message: ["bytes", "errors", "turns"],
  transport: [
    "check",
    "bytes",
    "errors",
    "abort",
    "ip_address",
    "peer",
    "timers",
    "turns",
    "connection",
    "wire",
    "server",
  ],
  channel: [
    "check",
    "bytes",
    "errors",
    "abort",
    "timers",
    "turns",
    "crypto",
    "platform",
    "x509",
    "connection",
    "wire",
    "session",
    "lazy_module",
    "peer",
    "server",
    "preface",
    "tls",
    "noise",
    "off",
    "message",
  ],
  mod: ["connection", "errors", "peer", "server", "channel"],
};

/** The folders of a part, in layers. Each may import those before it. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  x509: [
    "oids",
    "steps",
    "names",
    "keys",
    "certificate",
    "pkcs12",
    "path",
    "revocation",
    "issuing",
    "verify",
    "system_roots",
    "mod",
  ],
};

/** The versions of TLS, which share the code outside of their folders and never import each other. */
const VERSIONS: readonly string[] = ["tls12", "tls13"];

/** Which files may import a package, or a built-in module of Node. */
const PACKAGES: readonly { readonly name: RegExp; readonly allowedIn: RegExp }[] = [
  { name: /^@noble\/(?:ciphers|hashes)\//, allowedIn: /^src\/crypto\// },
  { name: /^fflate\/browser$/, allowedIn: /^src\/message\// },
  { name: /^node:/, allowedIn: /^src\/(?:transport\/node(?:_\w+)?\.ts$|cli\/)/ },
];

/** Client and server of a protocol, which must not import each other, so that neither loads the other's code. */
const CLIENT = /^src\/(?:tls(?:\/tls1[23])?|noise)\/client/;
const SERVER = /^src\/(?:tls(?:\/tls1[23])?|noise)\/server/;

/** Path to source text. */
export type Sources = ReadonlyMap<string, string>;

/** Reads mod.ts and everything in src/. */
export function readSources(): Sources {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .map((path) => `src/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts"));
  return new Map(["mod.ts", ...files].map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
}

/** Returns one line for each import that is not allowed, and for each import cycle. */
export function checkLayers(sources: Sources): string[] {
  const faults: string[] = [];
  const graph = new Map<string, string[]>();
  const values = new Map<string, string[]>();
  for (const [path, source] of sources) {
    graph.set(path, []);
    values.set(path, []);
    for (const { specifier, evaluated } of importsOf(source)) {
      if (specifier.startsWith(".")) {
        const target = normalize(join(dirname(path), specifier));
        graph.get(path)!.push(target);
        if (evaluated) values.get(path)!.push(target);
        if (!mayImport(path, target)) faults.push(`${path} imports ${target}`);
      } else if (!PACKAGES.some(({ name, allowedIn }) => name.test(specifier) && allowedIn.test(path))) {
        faults.push(`${path} imports ${specifier}`);
      }
    }
  }
  for (const path of sources.keys()) {
    const other = CLIENT.test(path) ? SERVER : SERVER.test(path) ? CLIENT : undefined;
    const way = other && findWay(graph, path, (target) => other.test(target));
    if (way) faults.push(`client and server meet: ${way.join(" -> ")}`);
    const circle = findWay(values, path, (target) => target === path);
    // Every file of a cycle finds the cycle, but only the first file reports it.
    if (circle?.every((other) => path <= other)) faults.push(`an import cycle: ${circle.join(" -> ")}`);
  }
  return faults;
}

interface Import {
  readonly specifier: string;
  /** Whether the other file is evaluated before this one, unlike with `import type` and `import()`. */
  readonly evaluated: boolean;
}

/** Returns the static and dynamic imports and the re-exports of a source. The formatter puts each on a new line. */
function importsOf(source: string): Import[] {
  const statics = source.matchAll(/^(?:import|export)\b(\s+type\b)?(?:[^"';]*?\bfrom)?\s*"([^"]+)"/gm);
  const dynamics = source.matchAll(/^(?!\s*(?:\*|\/[/*])).*?\bimport\(\s*("[^"]+"|[^)]*)/gm);
  return [
    ...[...statics].map((match) => ({ specifier: match[2], evaluated: match[1] === undefined })),
    ...[...dynamics].map((match) => ({ specifier: match[1].replaceAll('"', ""), evaluated: false })),
  ];
}

function mayImport(path: string, target: string): boolean {
  const [from, fromRoom] = placeOf(path);
  const [to, toRoom] = placeOf(target);
  if (from !== to) return from === "cli" || (MAY_IMPORT[from]?.includes(to) ?? false);
  if (fromRoom !== toRoom && VERSIONS.includes(fromRoom) && VERSIONS.includes(toRoom)) return false;
  const rooms = ROOMS[from];
  return rooms === undefined || rooms.indexOf(toRoom) <= rooms.indexOf(fromRoom);
}

/** The part and folder of a file: `tls` and `tls13` for `src/tls/tls13/client.ts`, `bytes` for `src/bytes.ts`. */
function placeOf(path: string): string[] {
  return path.replace(/^src\//, "").replace(/\.ts$/, "").split("/");
}

/** Returns a path of imports from a file to one that matches, if there is one. */
function findWay(
  graph: ReadonlyMap<string, readonly string[]>,
  from: string,
  isGoal: (path: string) => boolean,
): string[] | undefined {
  const ways: string[][] = [[from]];
  const seen = new Set([from]);
  for (const way of ways) {
    for (const next of graph.get(way.at(-1)!) ?? []) {
      if (isGoal(next)) return [...way, next];
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}
