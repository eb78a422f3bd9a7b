/**
 * A long session: 1 GiB through one 3DES channel whose keys are changed at the cap, `npm run soak`, or another number of
 * mebibytes, `npm run soak -- 256`. Compares the SHA-256 at both ends and the number of key exchanges.
 */
import { createHash } from "node:crypto";
import process from "node:process";
import { accept, type Channel, connect, pin } from "../mod.ts";
import { generateKeyPair } from "../src/crypto/rsa/mod.ts";
import { exportPublicKey, pinOf } from "../src/x509/mod.ts";
import { memoryPair } from "../src/transport/memory.ts";

const MEBIBYTE = 1024 * 1024;
/** The cap of 3DES: 2^20 blocks of 8 bytes (SP 800-67 revision 2). */
const CAP = 8 * MEBIBYTE;

const size = Number(process.argv[2] ?? 1024) * MEBIBYTE;
const { privateKey, publicKey } = await generateKeyPair();
const trust = pin(pinOf(exportPublicKey(publicKey)));
const [here, there] = memoryPair();
const [client, server] = await Promise.all([
  connect(here, { security: { setting: "key", trust, keyExchange: "RSA", algorithm: "3DES" } }),
  accept(there, { security: [{ setting: "key", key: privateKey, keyExchange: "RSA", algorithm: "3DES" }] }),
]);

const started = performance.now();
const [sent, received] = await Promise.all([sendAll(client), receiveAll(server)]);
const seconds = (performance.now() - started) / 1000;

const exchanges = [client.stats.keyExchanges, server.stats.keyExchanges];
// Each set of keys carries at most the cap; rekeying begins when three quarters of it are used.
const least = Math.ceil(size / CAP);
const most = Math.ceil(size / (0.75 * CAP)) + 1;
console.log(`${size / MEBIBYTE} MiB in ${seconds.toFixed(0)} s, ${(size / 1e6 / seconds).toFixed(1)} MB/s`);
console.log(`SHA-256 sent     ${sent}\nSHA-256 received ${received}`);
console.log(`key exchanges: ${exchanges.join(" and ")} at the two ends; expected ${least} to ${most}`);
const inRange = exchanges.every((count) => count >= least && count <= most);
const right = sent === received && exchanges[0] === exchanges[1] && inRange;
console.log(right ? "as it has to be" : "WRONG");
process.exitCode = right ? 0 : 1;

async function sendAll(channel: Channel): Promise<string> {
  const hash = createHash("sha256");
  const message = crypto.getRandomValues(new Uint8Array(65_536));
  for (let offset = 0; offset < size; offset += message.length) {
    new DataView(message.buffer).setFloat64(0, offset);
    hash.update(message);
    await channel.send(message);
  }
  await channel.close();
  return hash.digest("hex");
}

async function receiveAll(channel: Channel): Promise<string> {
  const hash = createHash("sha256");
  for await (const message of channel) hash.update(message);
  return hash.digest("hex");
}
