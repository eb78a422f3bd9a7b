/** TLS, compared with noble's cipher alone; handshakes, compared with node:tls (OpenSSL in C) and node-forge. */
import { gcm } from "@noble/ciphers/aes.js";
import { randomBytes } from "../src/crypto/random.ts";
import type { CryptoChoice } from "../src/platform/choose.ts";
import type { CipherSuiteName } from "../src/tls/cipher_suites.ts";
import { clientHandshake } from "../src/tls/client.ts";
import type { NamedGroupName } from "../src/tls/key_exchange/named_group.ts";
import type { TlsOptions } from "../src/tls/options.ts";
import { offersOf } from "../src/tls/credentials/offers.ts";
import { serverHandshake } from "../src/tls/server.ts";
import type { TlsSession } from "../src/tls/session.ts";
import { memoryPair } from "../src/transport/memory.ts";
import { Wire } from "../src/wire.ts";
import { forgePair } from "./_forge.ts";
import { compare, type Rounds, saveFigures } from "./_kit.ts";
import { type Identity, identity, nodeTls } from "./_loopback.ts";

export const name = "TLS";

/** The plaintext of a full record. */
const RECORD = 16_384;

/** The cipher suites with CBC and a MAC. */
const CBC_SUITES = [
  "TLS_RSA_WITH_AES_256_CBC_SHA256",
  "TLS_RSA_WITH_AES_256_CBC_SHA",
  "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
] as const;

export async function run(): Promise<void> {
  const credentials = await identity();
  console.log("  bulk, AES-256-GCM: 16 KiB blocks, encrypted, carried in memory and decrypted");
  const figures: Record<string, Rounds> = {};
  await bulk(credentials);
  console.log("  bulk, the suites with CBC");
  figures["16 KiB records in memory, MB/s"] = await suites(credentials);
  console.log("  handshakes with RSA-2048, both sides");
  await handshakes(credentials);
  for (const crypto of ["pure", "platform"] as const) {
    console.log(`  handshakes by key exchange, both sides, crypto: "${crypto}"`);
    figures[`handshakes in memory, ${crypto}, 1/s`] = await keyExchanges(credentials, crypto);
  }
  saveFigures("tls", figures);
}

async function sessions(
  { key, certificate }: Identity,
  suite: CipherSuiteName = "TLS_RSA_WITH_AES_256_GCM_SHA384",
  options: Pick<TlsOptions, "crypto" | "groups" | "encryptThenMac"> = {},
): Promise<[TlsSession, TlsSession]> {
  const [near, far] = memoryPair({ highWaterMark: 2 ** 20 });
  const common = { ...options, suites: [suite] };
  return await Promise.all([
    clientHandshake(new Wire(near), { ...common, verifyPeer: () => {} }),
    serverHandshake(
      new Wire(far),
      offersOf({ ...common, credentials: [{ key, certificates: [certificate] }] }),
    ),
  ]);
}

async function transfer(from: TlsSession, to: TlsSession, data: Uint8Array): Promise<void> {
  const sending = from.write([data]);
  for (let have = 0; have < data.length;) have += (await to.read())!.length;
  await sending;
}

async function bulk(credentials: Identity): Promise<void> {
  const data = randomBytes(16 * RECORD);
  const [client, server] = await sessions(credentials);
  const [pureClient, pureServer] = await sessions(credentials, undefined, { crypto: "pure" });
  const [key, nonce, additional] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array(13)];
  await compare({
    "a session, pure": () => transfer(pureClient, pureServer, data),
    "a session": () => transfer(client, server, data),
    "noble's gcm alone": () => {
      for (let i = 0; i < data.length; i += RECORD) {
        const sealed = gcm(key, nonce, additional).encrypt(data.subarray(i, i + RECORD));
        gcm(key, nonce, additional).decrypt(sealed);
      }
    },
  }, { unit: { name: "MB/s", perOperation: data.length / 1e6 } });
}

async function suites(credentials: Identity): Promise<Rounds> {
  const data = randomBytes(16 * RECORD);
  const cases: Record<string, () => Promise<void>> = {};
  for (const suite of CBC_SUITES) {
    for (const crypto of ["platform", "pure"] as const) {
      for (const encryptThenMac of [false, true]) {
        const [client, server] = await sessions(credentials, suite, { crypto, encryptThenMac });
        const order = encryptThenMac ? "encrypt-then-MAC" : "MAC-then-encrypt";
        cases[`${suite}, ${order}, ${crypto}`] = () => transfer(client, server, data);
      }
    }
  }
  const unit = { name: "MB/s", perOperation: data.length / 1e6 };
  return await compare(cases, { unit, rounds: 7, minimumMilliseconds: 40 });
}

async function handshakes(credentials: Identity): Promise<void> {
  const node = await nodeTls(credentials, "TLSv1.2", "AES256-GCM-SHA384");
  await compare({
    "ours, pure": async () => void await sessions(credentials, undefined, { crypto: "pure" }),
    "ours": async () => void await sessions(credentials),
    "node:tls, over loopback": () => node.handshake!(),
    "node-forge, TLS 1.1, AES-256-CBC": async () => void await forgePair(credentials, () => {}),
  });
  node.close();
}

/** Compares FESA's RSA key exchange with ECDHE that is signed by the same key. */
async function keyExchanges(credentials: Identity, crypto: CryptoChoice): Promise<Rounds> {
  const handshake = (suite: CipherSuiteName, ...groups: NamedGroupName[]) => async () =>
    void await sessions(credentials, suite, { crypto, ...(groups.length > 0 && { groups }) });
  return await compare({
    "TLS 1.3, x25519": handshake("TLS_AES_256_GCM_SHA384", "x25519"),
    "TLS 1.3, X25519MLKEM768": handshake("TLS_AES_256_GCM_SHA384", "X25519MLKEM768"),
    "TLS 1.3, secp256r1": handshake("TLS_AES_256_GCM_SHA384", "secp256r1"),
    "TLS 1.2, ECDHE with x25519": handshake("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "x25519"),
    "TLS 1.2, RSA exchange": handshake("TLS_RSA_WITH_AES_256_GCM_SHA384"),
  });
}
