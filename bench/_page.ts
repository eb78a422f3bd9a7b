/** The page of bench/browsers.ts: a channel in memory, alternately with WebCrypto and with TypeScript alone. */
import { accept, type Channel, connect } from "../mod.ts";
import { randomBytes } from "../src/crypto/random.ts";
import { generateKeyPair } from "../src/crypto/rsa/mod.ts";
import type { CryptoChoice } from "../src/platform/choose.ts";
import { memoryPair } from "../src/transport/memory.ts";
import { createSelfSignedCertificate } from "../src/x509/mod.ts";

const ROUNDS = 7;
/** The wall-clock time of a turn in milliseconds, since a page cannot read the processor time. */
const MILLISECONDS = 300;

const { privateKey: key } = await generateKeyPair({ bits: 2048 });
const certificate = createSelfSignedCertificate(key, { subject: "CN=localhost", names: ["localhost"] });
const secret = randomBytes(32);

type Setting = "certificate" | "native, ChaChaPoly" | "native, AESGCM";

function pair(setting: Setting, crypto: CryptoChoice): Promise<[Channel, Channel]> {
  const [near, far] = memoryPair();
  if (setting === "certificate") {
    const [trust, shown] = [{ roots: [certificate], serverName: "localhost" }, {
      key,
      certificates: [certificate],
    }];
    return Promise.all([
      connect(near, { security: { setting, ...trust }, crypto }),
      accept(far, { security: [{ setting, ...shown }], crypto }),
    ]);
  }
  const security = {
    setting: "native",
    secret,
    compression: "off",
    cipher: setting === "native, AESGCM" ? "AESGCM" : "ChaChaPoly",
  } as const;
  return Promise.all([connect(near, { security, crypto }), accept(far, { security: [security], crypto })]);
}

/** Measures how often `work` runs in a second. */
async function turn(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  let count = 0;
  do {
    await work();
    count++;
  } while (performance.now() - begun < MILLISECONDS);
  return count * 1000 / (performance.now() - begun);
}

async function rounds(cases: Readonly<Record<string, () => Promise<void>>>, unit: number) {
  const seen: Record<string, number[]> = {};
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(cases)) {
      const speed = await turn(work);
      if (round >= 0) (seen[name] ??= []).push(speed * unit); // the round before warms up
    }
  }
  return seen;
}

const figures: Record<string, Record<string, number[]>> = {};
const channels: Record<string, [Channel, Channel]> = {};
for (const setting of ["certificate", "native, ChaChaPoly", "native, AESGCM"] as const) {
  for (const crypto of ["platform", "pure"] as const) {
    channels[crypto === "platform" ? setting : `${setting}, pure`] = await pair(setting, crypto);
  }
}
for (const size of [1024, 16_384, 65_536]) {
  const message = randomBytes(size);
  const count = 2 ** 20 / size;
  const bulk = ([near, far]: [Channel, Channel]) => async () => {
    const sent = Promise.all(Array.from({ length: count }, () => near.send(message)));
    for (let i = 0; i < count; i++) await far.receive();
    await sent;
  };
  figures[`${size} bytes, MB/s`] = await rounds(
    Object.fromEntries(Object.entries(channels).map(([name, pair]) => [name, bulk(pair)])),
    2 ** 20 / 1e6,
  );
}
const handshake = (setting: Setting, crypto: CryptoChoice) => async () => {
  const [one, other] = await pair(setting, crypto);
  await Promise.all([one.close(), other.close()]);
};
figures["handshakes, 1/s"] = await rounds({
  "certificate": handshake("certificate", "platform"),
  "certificate, pure": handshake("certificate", "pure"),
  "native, ChaChaPoly": handshake("native, ChaChaPoly", "platform"),
}, 1);
await fetch("/figures", { method: "POST", body: JSON.stringify(figures) });
