/**
 * Checks the library's size in a browser, minified and gzipped, against budgets: clients in a page, which a bundler splits into
 * chunks that are loaded on demand, and each subpath as one file. Also checks that each subpath contains only
 * its own code.
 */
import { join } from "node:path/posix";
import { gzipSync } from "node:zlib";
import { build as bundle } from "esbuild";
import { build as buildPage, type OutputChunk } from "rolldown";
import { entries } from "../manifest.ts";
import { ROOT } from "../runtimes.ts";

/** A page that imports `connect` from this subpath, with the modules it loads, without its transport. */
interface Page {
  readonly name: string;
  readonly subpath: string;
  /** The modules that it loads by `import()`. */
  readonly loads: readonly string[];
  readonly kilobytes: number;
}

/**
 * Each budget is a little above what was measured. docs/architecture.md says what the kilobytes are, and what is loaded only on
 * use. The design asks for 25 kB of `native` and for 65 kB of `certificate` and `key`.
 */
const PAGES: readonly Page[] = [
  { name: "native client", subpath: "./native", loads: [], kilobytes: 32 },
  { name: "certificate client", subpath: "./certificate", loads: [], kilobytes: 83.5 },
  { name: "key client", subpath: "./key", loads: [], kilobytes: 75.5 },
  {
    name: "connect: native",
    subpath: ".",
    loads: ["src/channel/settings/native/client.ts"],
    kilobytes: 40.5,
  },
  {
    name: "connect: certificate",
    subpath: ".",
    loads: ["src/channel/settings/certificate/client.ts"],
    kilobytes: 87,
  },
  { name: "connect: key", subpath: ".", loads: ["src/channel/settings/key/client.ts"], kilobytes: 79.5 },
  // 16 by design, and 17 kB if nothing else is bundled: rolldown puts every hash function into one chunk with compression.
  { name: "connect: off", subpath: ".", loads: ["src/channel/settings/off.ts"], kilobytes: 27 },
];

/** The budget of one subpath with everything that it can load, and the files it may contain. */
interface Subpath {
  readonly kilobytes: number;
  /** Files of src/, and packages; {@link GROUND} is always allowed. */
  readonly holds: RegExp;
}

/** The modules on which all others depend. */
const GROUND =
  /^(?:abort|bigint|byte_fields|bytes|check|connection|errors|ip_address|lazy_module|peer|printable|server|session|timers|turns|wire)\.ts$/;

/** All parts of which channels over TLS are made. */
const OVER_TLS = /^(?:channel|message|tls|x509|asn1|crypto|platform)\/|^@noble\/|^fflate\//;

const SUBPATHS: Readonly<Record<string, Subpath>> = {
  ".": { kilobytes: 124, holds: /^(?!transport\/|cli\/)/ },
  "./native": {
    kilobytes: 35, // 28 by design
    holds:
      /^(?:channel|message|noise|platform)\/|^preface|^crypto\/(?:aead|aes|chacha|ec\/(?:field|x)25519|ghash|hmac|random)|^@noble\/|^fflate\//,
  },
  "./certificate": { kilobytes: 101, holds: OVER_TLS }, // 85 by design; one file also has the parts loaded on demand
  "./key": { kilobytes: 91.5, holds: OVER_TLS }, // 85 by design
  "./tls": { kilobytes: 85, holds: /^(?:tls|x509|asn1|crypto|platform)\/|^@noble\// },
  "./noise": {
    kilobytes: 24,
    holds:
      /^(?:noise|platform)\/|^crypto\/(?:aead|aes|chacha|ec\/(?:field|x)25519|ghash|hmac|kdf|random)|^@noble\//,
  },
  "./x509": { kilobytes: 57.5, holds: /^(?:x509|asn1|crypto)\/|^@noble\// },
  "./acme": { kilobytes: 33.5, holds: /^(?:acme|x509|asn1|crypto)\/|^@noble\// },
  "./rsa": { kilobytes: 11.5, holds: /^crypto\/(?:rsa\/|hash|random)|^@noble\/hashes\// },
  // With X25519MLKEM768 beside it, this is what the hybrid adds to a page over TLS: 8 by design.
  "./mlkem": { kilobytes: 7, holds: /^crypto\/(?:mlkem\/|random)|^@noble\/hashes\// },
  "./des": { kilobytes: 3, holds: /^crypto\/des/ },
  "./websocket": { kilobytes: 5, holds: /^transport\/(?:websocket|queue)/ },
  "./message-port": { kilobytes: 2, holds: /^transport\/message_port/ },
  "./data-channel": { kilobytes: 3, holds: /^transport\/(?:data_channel|websocket)/ },
  "./memory": { kilobytes: 1.5, holds: /^transport\/(?:memory|connection_transport)/ },
  "./node": { kilobytes: 14, holds: /^transport\// },
  "./deno": { kilobytes: 6.5, holds: /^transport\// },
  "./bun": { kilobytes: 6.5, holds: /^transport\// },
};

const TARGET = "es2022";

/** Prints every figure; returns one line for each that is too large, and for each file that a subpath must not contain. */
export async function checkBudgets(): Promise<string> {
  const faults: string[] = [];
  const report = (name: string, bytes: number, kilobytes: number): void => {
    const size = (bytes / 1000).toFixed(1);
    console.log(`       ${name.padEnd(24)} ${size.padStart(5)} kB of ${kilobytes}`);
    if (bytes > 1000 * kilobytes) faults.push(`${name} takes ${size} kB; its budget is ${kilobytes}`);
  };
  for (const { name, subpath, loads, kilobytes } of PAGES) {
    report(name, await loadedSize(entries()[subpath], loads), kilobytes);
  }
  for (const [subpath, source] of Object.entries(entries())) {
    if (subpath === "./cli") continue; // not for pages, and it holds everything
    const budget = SUBPATHS[subpath];
    if (budget === undefined) {
      faults.push(`${subpath} has no budget`);
      continue;
    }
    const { bytes, files } = await bundled(source);
    report(subpath, bytes, budget.kilobytes);
    const strangers = files.filter((file) => !GROUND.test(file) && !budget.holds.test(file));
    if (strangers.length > 0) faults.push(`${subpath} pulls in ${strangers.join(", ")}`);
  }
  return faults.join("\n");
}

/**
 * Returns the size of the chunks that a page loads at once and of those of some modules that it loads by `import()`, as Vite's
 * bundler splits them, without the helper for preloading that Vite adds.
 */
async function loadedSize(source: string, modules: readonly string[]): Promise<number> {
  const page = join(ROOT, "page.ts");
  const { output } = await buildPage({
    cwd: ROOT,
    input: page,
    platform: "browser",
    plugins: [{
      name: "page",
      resolveId: (id) => id === page ? id : undefined,
      load: (id) => id === page ? `export { connect } from "${source}";` : undefined,
    }],
    output: { minify: true },
    transform: { target: TARGET },
    write: false,
  });
  const pieces = output.filter((piece) => piece.type === "chunk");
  const loaded = new Set<OutputChunk>();
  const load = (piece: OutputChunk | undefined): void => {
    if (piece === undefined) throw new Error(`the bundle of ${source} lacks one of its pieces`);
    if (loaded.has(piece)) return;
    loaded.add(piece);
    for (const name of piece.imports) load(pieces.find(({ fileName }) => fileName === name));
  };
  load(pieces.find(({ isEntry }) => isEntry));
  for (const module of modules) {
    load(pieces.find(({ facadeModuleId }) => facadeModuleId === join(ROOT, module)));
  }
  return [...loaded].reduce((sum, { code }) => sum + gzippedSize(code), 0);
}

/** Bundles a subpath as one file; returns its size and its modules. */
async function bundled(source: string): Promise<{ bytes: number; files: string[] }> {
  const { outputFiles: [file], metafile } = await bundle({
    stdin: { contents: `export * from "${source}";`, resolveDir: ROOT, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    conditions: ["browser"],
    external: ["node:*"],
    target: TARGET,
    absWorkingDir: ROOT,
    logLevel: "silent",
  });
  const [{ inputs }] = Object.values(metafile.outputs);
  const files = Object.entries(inputs)
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && path !== "<stdin>")
    .map(([path]) => path.replace(/^(?:src|node_modules)\//, ""));
  return { bytes: gzippedSize(file.contents), files };
}

function gzippedSize(code: string | Uint8Array): number {
  return gzipSync(code, { level: 9 }).length;
}
