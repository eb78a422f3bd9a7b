/** Channels over loopback beside node:tls, lemon-tls and a bare loop of sockets and ciphers, in one interleaved run. */
import { randomBytes } from "../src/crypto/random.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { compare, runtime } from "./_kit.ts";
import { bareLoop, identity, lemonTls, nodeTls, ours, type Peer } from "./_loopback.ts";

export const name = "Over loopback, both ends in one process";

export async function run(): Promise<void> {
  const server = await identity();
  const { key, certificate } = server;
  const trust = { roots: [certificate], serverName: "localhost" };
  const secret = randomBytes(32);
  const certificateServer = { setting: "certificate", key, certificates: [certificate] } as const;
  const makers: Record<string, () => Promise<Peer>> = {
    "certificate": () => ours({ setting: "certificate", ...trust }, certificateServer),
    "native, ChaChaPoly": () =>
      ours({ setting: "native", secret, compression: "off" }, { setting: "native", secret }),
    "native, AESGCM": () =>
      ours({ setting: "native", secret, compression: "off", cipher: "AESGCM" }, {
        setting: "native",
        secret,
        cipher: "AESGCM",
      }),
    "node:tls 1.3": () => nodeTls(server, "TLSv1.3"),
    "node:tls 1.2": () => nodeTls(server, "TLSv1.2"),
    "node:tls 1.2, RSA exchange": () => nodeTls(server, "TLSv1.2", "AES256-GCM-SHA384"),
    "lemon-tls 1.3": () => lemonTls(server, "TLSv1.3"),
    "lemon-tls 1.2": () => lemonTls(server, "TLSv1.2"),
    "a bare loop": () => bareLoop(),
  };
  const peers = new Map<string, Peer>();
  for (const [name, make] of Object.entries(makers)) {
    try {
      peers.set(name, await make());
    } catch (error) {
      console.log(`  ${name} does not run here: ${error instanceof Error ? error.message : error}`);
    }
  }
  const result: Record<string, Record<string, number>> = {};
  for (const size of [64, 1024, 16_384, 65_536, 1_048_576]) {
    const count = Math.max(1, Math.min(512, 2 ** 20 / size));
    console.log(`\n  messages of ${size} bytes, ${count} at once`);
    const message = randomBytes(size);
    const medians = await compare(
      Object.fromEntries([...peers].map(([name, peer]) => [name, () => peer.bulk(message, count)])),
      { unit: { name: "MB/s", perOperation: size * count / 1e6 }, rounds: ROUNDS, minimumMilliseconds: 50 },
    );
    result[`${size} bytes, MB/s`] = scaled(medians, size * count / 1e6);
  }
  console.log("\n  a message of 64 bytes there and one back");
  result["64 bytes there and back, 1/s"] = await each(
    peers,
    (peer) => peer.pingPong && (() => peer.pingPong!(new Uint8Array(64))),
  );
  console.log("\n  handshakes");
  result["handshakes, 1/s"] = await each(peers, (peer) => peer.handshake);
  for (const peer of peers.values()) peer.close();
  mkdirSync(".cache/bench", { recursive: true });
  writeFileSync(`.cache/bench/loopback-${runtime()}.json`, JSON.stringify(result, null, 2));
}

/** Short rounds, and few: what counts is the ratio within a round. */
const ROUNDS = 5;

function scaled(medians: Record<string, number>, factor: number): Record<string, number> {
  return Object.fromEntries(Object.entries(medians).map(([name, value]) => [name, value * factor]));
}

async function each(
  peers: ReadonlyMap<string, Peer>,
  work: (peer: Peer) => (() => Promise<void>) | undefined,
): Promise<Record<string, number>> {
  const cases: Record<string, () => Promise<void>> = {};
  for (const [name, peer] of peers) {
    const run = work(peer);
    if (run !== undefined) cases[name] = run;
  }
  return await compare(cases, { rounds: ROUNDS, minimumMilliseconds: 50 });
}
