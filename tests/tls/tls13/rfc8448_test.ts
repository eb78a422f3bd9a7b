import { concat, fromHex, toHex } from "../../../src/bytes.ts";
import { ContentType } from "../../../src/tls/record/content.ts";
import { tlsOperations } from "../../../src/platform/tls_operations.ts";
import { tls13Suites } from "../../../src/tls/tls13/cipher_suites.ts";
import { Tls13Protection } from "../../../src/tls/tls13/protection.ts";
import { assert, test } from "../../_kit/mod.ts";
import { open, replayClient, type Replayed, replayServer } from "./_replay.ts";
import { sentBy, type Trace, TRACES } from "./_rfc8448.ts";

/** The data that both sides of the first trace send after the handshake. */
const DATA: Uint8Array = Uint8Array.from({ length: 50 }, (_, i) => i);
const SUITE = tls13Suites(tlsOperations("pure")).find(({ name }) => name === "TLS_AES_128_GCM_SHA256")!;

const isFirst = (trace: Trace) => trace === TRACES[0];

async function finish(trace: Trace, { session }: Replayed): Promise<void> {
  if (isFirst(trace)) {
    assert.equal(toHex((await session.read())!), toHex(DATA));
    await session.write([DATA]);
  }
  await session.close();
  assert.equal(await session.read(), null);
}

function check(trace: Trace, role: "client" | "server", { written, secrets }: Replayed): void {
  assert.equal(toHex(written()), toHex(concat(...sentBy(trace, role))));
  for (const [label, secret] of Object.entries(trace.secrets)) assert.equal(secrets[label], secret, label);
}

for (const trace of TRACES) {
  test(`tls 1.3: RFC 8448, ${trace.name}: the client sends what the RFC's does, to the byte`, async () => {
    const replayed = await replayClient(trace, open(trace));
    await finish(trace, replayed);
    check(trace, "client", replayed);
    assert.equal(Object.keys(replayed.secrets).length, 5);
  });

  test(`tls 1.3: RFC 8448, ${trace.name}: the server sends what the RFC's does, to the byte`, async () => {
    const replayed = await replayServer(trace, open(trace));
    if (isFirst(trace)) {
      const ticket = trace.records[4][1];
      const protection = new Tls13Protection(SUITE, fromHex(trace.secrets.SERVER_TRAFFIC_SECRET_0));
      const record = await protection.open(0, ContentType.applicationData, fromHex(ticket).subarray(5));
      replayed.layer.records.queue(ContentType.handshake, [record.fragment]); // this library has no tickets
    }
    await finish(trace, replayed);
    check(trace, "server", replayed);
  });
}
