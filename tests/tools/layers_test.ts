import { assert, test } from "../_kit/mod.ts";
import { checkLayers, readSources } from "../../tools/checks/layers.ts";

test("tools/layers: the imports of this project keep their directions", () => {
  const sources = readSources();
  assert.ok(sources.size > 20);
  assert.deepEqual(checkLayers(sources), []);
});

test("tools/layers: finds every kind of import that goes the wrong way", () => {
  const wrong: [path: string, source: string, target: string][] = [
    ["src/bytes.ts", 'import { Wire } from "./wire.ts";', "src/wire.ts"],
    ["src/crypto/x.ts", 'import type { Certificate } from "../x509/mod.ts";', "src/x509/mod.ts"],
    ["src/asn1/x.ts", 'import { sha256 } from "../crypto/hash.ts";', "src/crypto/hash.ts"],
    [
      "src/x509/keys/x.ts",
      'import { Certificate } from "../certificate/certificate.ts";',
      "src/x509/certificate/certificate.ts",
    ],
    ["src/x509/path/x.ts", 'import { x } from "../verify.ts";', "src/x509/verify.ts"],
    ["src/tls/x.ts", 'export * from "../noise/mod.ts";', "src/noise/mod.ts"],
    ["src/noise/x.ts", 'import {\n  a,\n  b,\n} from "../tls/mod.ts";', "src/tls/mod.ts"],
    ["src/tls/x.ts", 'const node = await import("../transport/node.ts");', "src/transport/node.ts"],
    ["src/transport/x.ts", 'let a: import("../session.ts").Session;', "src/session.ts"],
    ["src/message/x.ts", 'import "../crypto/hash.ts";', "src/crypto/hash.ts"],
    ["src/channel/x.ts", 'import { memory } from "../transport/memory.ts";', "src/transport/memory.ts"],
    ["src/x509/x.ts", 'import { sha256 } from "@noble/hashes/sha2.js";', "@noble/hashes/sha2.js"],
    ["src/crypto/x.ts", 'import { inflate } from "fflate/browser";', "fflate/browser"],
    ["src/message/x.ts", 'import { inflate } from "fflate";', "fflate"],
    ["src/crypto/x.ts", 'import { randomBytes } from "node:crypto";', "node:crypto"],
    ["src/transport/websocket/mod.ts", 'import WebSocket from "ws";', "ws"],
    ["src/crypto/x.ts", 'import { gcm } from "@noble/ciphers";', "@noble/ciphers"],
    ["src/cli/x.ts", "await import(name);", "name"],
  ];
  for (const [path, source, target] of wrong) {
    assert.deepEqual(checkLayers(new Map([[path, `/** x */\n${source}\n`]])), [`${path} imports ${target}`]);
  }
});

test("tools/layers: finds client and server meeting through a third file", () => {
  const sources = new Map([
    ["src/tls/client.ts", 'import { a } from "./shared.ts";\n'],
    ["src/tls/shared.ts", 'import { b } from "./server_flight.ts";\n'],
    ["src/tls/server_flight.ts", ""],
  ]);
  assert.deepEqual(checkLayers(sources), [
    "client and server meet: src/tls/client.ts -> src/tls/shared.ts -> src/tls/server_flight.ts",
  ]);
});

test("tools/layers: finds files that import each other in a circle, and tells of each circle once", () => {
  const circle = new Map([
    ["src/tls/b.ts", 'import { c } from "./c.ts";\nimport { a } from "./a.ts";\n'],
    ["src/tls/a.ts", 'export { b } from "./b.ts";\n'],
    ["src/tls/c.ts", 'import {\n  type A,\n  a,\n} from "./a.ts";\n'],
    ["src/tls/d.ts", 'import "./a.ts";\n'],
  ]);
  assert.deepEqual(checkLayers(circle), ["an import cycle: src/tls/a.ts -> src/tls/b.ts -> src/tls/a.ts"]);
  const none = new Map([
    ["src/tls/a.ts", 'import { b } from "./b.ts";\nimport { c } from "./c.ts";\n'],
    ["src/tls/b.ts", 'import type { A } from "./a.ts";\nexport type { B } from "./a.ts";\n'],
    ["src/tls/c.ts", 'const { a } = await import("./a.ts");\n'],
  ]);
  assert.deepEqual(checkLayers(none), []);
});

test("tools/layers: accepts allowed imports, and text that only looks like an import", () => {
  const sources = new Map([
    ["src/tls/mod.ts", 'export { a } from "./client.ts";\nexport { b } from "./server.ts";\n'],
    ["src/tls/client.ts", 'import { gcm } from "../crypto/aes.ts";\n'],
    ["src/tls/server.ts", 'import { gcm } from "../crypto/aes.ts";\n'],
    ["src/crypto/aes.ts", 'import { gcm } from "@noble/ciphers/aes.js";\n'],
    ["src/message/x.ts", 'import { Inflate } from "fflate/browser";\n'],
    ["src/transport/node.ts", 'import net from "node:net";\nimport { x } from "./node_stream.ts";\n'],
    ["src/transport/node_stream.ts", 'import stream from "node:stream";\n'],
    ["src/cli/main.ts", 'import process from "node:process";\nimport { connect } from "../../mod.ts";\n'],
    ["src/asn1/x.ts", '/**\n * ```ts\n * import { x } from "ws";\n * await import("ws");\n * ```\n */\n'],
  ]);
  assert.deepEqual(checkLayers(sources), []);
});
