/** If the platform has no source of randomness, nothing that needs it starts. */
import { accept, connect } from "../../mod.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { generateKeyPair } from "../../src/crypto/rsa/mod.ts";
import { nodeCrypto } from "../../src/platform/runtime.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { channelError, test } from "../_kit/mod.ts";
import { offers, requests } from "../_kit/offers.ts";

/** Runs `work` with this value as the global `crypto`. */
async function withCrypto(crypto: unknown, work: () => Promise<unknown>): Promise<void> {
  nodeCrypto(); // Bun cannot load it later, without the global one
  const own = Object.getOwnPropertyDescriptor(globalThis, "crypto"); // a worker inherits it
  Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true });
  try {
    await work();
  } finally {
    if (own) Object.defineProperty(globalThis, "crypto", own);
    else Reflect.deleteProperty(globalThis, "crypto");
  }
}

for (const [name, crypto] of [["crypto", undefined], ["getRandomValues", {}]] as const) {
  test(`platform: without ${name} the library does not start`, async () => {
    await withCrypto(crypto, async () => {
      await channelError(() => randomBytes(16), "unsupported");
      await channelError(() => generateKeyPair(), "unsupported");
      for (const security of requests.filter(({ setting }) => setting !== "off")) {
        const [near, far] = memoryPair();
        const accepted = channelError(() => accept(far, { security: offers }));
        await channelError(() => connect(near, { security }), "unsupported");
        await accepted;
      }
    });
  });
}
