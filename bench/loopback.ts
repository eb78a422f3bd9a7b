/** Channels over loopback, compared with other implementations in one interleaved run. */
import { randomBytes } from "../src/crypto/random.ts";
import { compare, type MeasureOptions, type Rounds, saveFigures } from "./_kit.ts";
import { bareLoop, identity, lemonTls, nodeTls, ours, oursByX25519, type Peer } from "./_loopback.ts";
import { cipherAlone, libp2pNoise, nobleGcm, nodeForge, nodeGcm } from "./_memory_peers.ts";

export const name = "Over loopback, both ends in one process";

/** Few short rounds: only the ratio within a round matters. */
const TURNS = { rounds: 5, minimumMilliseconds: 40 };

/** A handshake runs much code only once, so the engine has compiled all of it only after some two thousand handshakes. */
const HANDSHAKE_TURNS = { rounds: 7, minimumMilliseconds: 250, warmUpMilliseconds: 8000 };

export async function run(): Promise<void> {
  const peers = await makePeers();
  const figures: Record<string, Rounds> = {};
  for (const size of [64, 1024, 16_384, 65_536, 1_048_576]) {
    const count = Math.max(1, Math.min(512, 2 ** 20 / size));
    console.log(`\n  messages of ${size} bytes, ${count} at once`);
    const message = randomBytes(size);
    figures[`${size} bytes, MB/s`] = await compare(
      Object.fromEntries([...peers].map(([name, peer]) => [name, () => peer.bulk(message, count)])),
      { unit: { name: "MB/s", perOperation: size * count / 1e6 }, ...TURNS },
    );
  }
  console.log("\n  a message of 64 bytes there and one back");
  figures["64 bytes there and back, 1/s"] = await each(
    peers,
    (peer) => peer.pingPong && (() => peer.pingPong!(new Uint8Array(64))),
  );
  console.log("\n  handshakes");
  figures["handshakes, 1/s"] = await each(peers, (peer) => peer.handshake, HANDSHAKE_TURNS);
  for (const peer of peers.values()) peer.close();
  saveFigures("loopback", figures);
}

async function makePeers(): Promise<ReadonlyMap<string, Peer>> {
  const server = await identity();
  const { key, certificate } = server;
  const trust = { setting: "certificate", roots: [certificate], serverName: "localhost" } as const;
  const shown = { setting: "certificate", key, certificates: [certificate] } as const;
  const rsa = { keyExchange: "RSA" } as const;
  const [tripleDes, aesGcm] = [{ ...rsa, algorithm: "3DES" }, { cipher: "AESGCM" }] as const;
  const native = { setting: "native", secret: randomBytes(32) } as const;
  const uncompressed = { ...native, compression: "off" } as const;
  const makers: Readonly<Record<string, () => Peer | Promise<Peer>>> = {
    "certificate": () => ours(trust, shown),
    "certificate, x25519": () => oursByX25519(server),
    "certificate, pure": () => ours(trust, shown, "pure"),
    "certificate, RSA exchange": () => ours({ ...trust, ...rsa }, { ...shown, ...rsa }),
    "certificate, RSA exchange, 3DES": () => ours({ ...trust, ...tripleDes }, { ...shown, ...tripleDes }),
    "native, ChaChaPoly": () => ours(uncompressed, native),
    "native, ChaChaPoly, in memory": () => ours(uncompressed, native, "platform", true),
    "native, AESGCM": () => ours({ ...uncompressed, ...aesGcm }, { ...native, ...aesGcm }),
    "node:tls 1.3": () => nodeTls(server, "TLSv1.3"),
    "node:tls 1.2": () => nodeTls(server, "TLSv1.2"),
    "node:tls 1.2, RSA exchange": () => nodeTls(server, "TLSv1.2", "AES256-GCM-SHA384"),
    "lemon-tls 1.3": () => lemonTls(server, "TLSv1.3"),
    "lemon-tls 1.2": () => lemonTls(server, "TLSv1.2"),
    "libp2p-noise, in memory": () => libp2pNoise(),
    "node-forge TLS 1.1, in memory": () => nodeForge(server),
    "a bare loop": () => bareLoop(),
    "node:crypto's AES-GCM alone": () => cipherAlone(nodeGcm),
    "noble's AES-GCM alone": () => cipherAlone(nobleGcm),
  };
  const peers = new Map<string, Peer>();
  for (const [name, make] of Object.entries(makers)) {
    try {
      const peer = await make();
      await peer.handshake?.();
      peers.set(name, peer);
    } catch (error) {
      console.log(`  ${name} does not run here: ${error instanceof Error ? error.message : error}`);
    }
  }
  return peers;
}

async function each(
  peers: ReadonlyMap<string, Peer>,
  work: (peer: Peer) => (() => Promise<void>) | undefined,
  turns: MeasureOptions = TURNS,
): Promise<Rounds> {
  const cases: Record<string, () => Promise<void>> = {};
  for (const [name, peer] of peers) {
    const run = work(peer);
    if (run !== undefined) cases[name] = run;
  }
  return await compare(cases, turns);
}
