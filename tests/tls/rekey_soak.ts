/**
 * One GiB through a 3DES session over TCP, with the keys changed at the cap of 8 MiB. It takes minutes, so it is no test:
 *
 *     npx tsx tests/tls/rekey_soak.ts
 */
import process from "node:process";
import { toHex } from "../../src/bytes.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { acceptTls, connectTls, type TlsConnection } from "../../src/tls/mod.ts";
import { dial, listen } from "../../src/transport/node.ts";
import { rsa2048 } from "../_kit/keys.ts";

const TOTAL = 2 ** 30;
const CHUNK = 2 ** 20;
const CAP = 8 * 2 ** 20;
const suites = ["TLS_RSA_WITH_3DES_EDE_CBC_SHA"] as const;

interface Taken {
  readonly digest: string;
  readonly keyExchanges: number;
}

/** Takes everything and gives its SHA-256, and how many key exchanges there were. */
async function take(connection: TlsConnection): Promise<Taken> {
  const hash = sha256.create();
  const reader = connection.readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) hash.update(next.value);
  await connection.writable.close();
  return { digest: toHex(hash.digest()), keyExchanges: connection.keyExchanges };
}

let settle: { resolve: (taken: Taken) => void; reject: (error: unknown) => void };
const taken = new Promise<Taken>((resolve, reject) => settle = { resolve, reject });
const listener = await listen({
  onTransport: async (transport) => {
    const connection = await acceptTls(transport, { suites, identities: [{ key: rsa2048 }] });
    settle.resolve(await take(connection));
  },
  onError: (error) => settle.reject(error),
});
const transport = await dial({ host: listener.host, port: listener.port });
const connection = await connectTls(transport, { suites, certificateTypes: ["raw"], trust: () => {} });
const writer = connection.writable.getWriter();
const hash = sha256.create();
const started = performance.now();
for (let sent = 0; sent < TOTAL; sent += CHUNK) {
  const chunk = randomBytes(CHUNK);
  hash.update(chunk);
  await writer.write(chunk);
}
await writer.close();
const { digest, keyExchanges } = await taken;
await connection.close();
await listener.close();

const seconds = (performance.now() - started) / 1000;
const right = digest === toHex(hash.digest()) && keyExchanges === connection.keyExchanges &&
  keyExchanges > TOTAL / CAP && keyExchanges <= TOTAL / (CAP * 3 / 4) + 1;
console.log(`${right ? "right" : "WRONG"}: ${keyExchanges} key exchanges, ${seconds.toFixed(1)} s`);
process.exitCode = right ? 0 : 1;
