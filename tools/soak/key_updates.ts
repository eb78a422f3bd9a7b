/** An attacker that updates its TLS 1.3 keys as fast as it can (RFC 8446 section 4.6.3). */
import type { Socket } from "node:net";
import { concat, fromHex } from "../../src/bytes.ts";
import { tlsOperations } from "../../src/platform/tls_operations.ts";
import { clientHandshake } from "../../src/tls/client.ts";
import { ContentType } from "../../src/tls/record/content.ts";
import { tls13Suites } from "../../src/tls/tls13/cipher_suites.ts";
import { updatedSecret } from "../../src/tls/tls13/key_schedule.ts";
import { Tls13Protection } from "../../src/tls/tls13/protection.ts";
import { fromSocket } from "../../src/transport/node_duplex.ts";
import { Wire } from "../../src/wire.ts";

const SUITE = tls13Suites(tlsOperations("platform")).find(({ name }) => name === "TLS_AES_256_GCM_SHA384")!;

/** A KeyUpdate that requests one in return. */
const KEY_UPDATE = Uint8Array.of(24, 0, 0, 1, 1);

/** KeyUpdates after each handshake. */
const COUNT = 1_000;

/** Completes a handshake, then sends only KeyUpdates, each under the keys that the previous one introduced. */
export async function keyUpdates(socket: Socket): Promise<void> {
  const wire = new Wire(fromSocket(socket));
  let secret: Uint8Array | undefined;
  const session = await clientHandshake(wire, {
    suites: [SUITE.name],
    alpnProtocols: ["fesa/1"],
    serverName: "localhost",
    verifyPeer: () => {},
    keyLog: (line) => {
      const [label, , hex] = line.split(" ");
      if (label === "CLIENT_TRAFFIC_SECRET_0") secret = fromHex(hex);
    },
  });
  const records: Uint8Array[] = [];
  for (let i = 0; i < COUNT; i++) {
    const protection = new Tls13Protection(SUITE, secret!);
    const sealed = new Uint8Array(protection.sealedLength(KEY_UPDATE.length));
    await protection.seal(0, ContentType.handshake, KEY_UPDATE, sealed);
    records.push(Uint8Array.of(ContentType.applicationData, 3, 3, 0, sealed.length), sealed);
    secret = updatedSecret(SUITE.hash, secret!);
  }
  await wire.write(concat(...records));
  while (await session.read() !== null);
}
