/** The restrictions of pages: no secure context, no code from strings, or no main thread. */
import { connect } from "../../mod.ts";
import { type MessagePortLike, messagePortTransport } from "../../src/transport/message_port.ts";
import { exportCryptoKey } from "../../src/x509/mod.ts";
import { pattern } from "../_kit/exchange.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, channelError, test, type TestOptions } from "../_kit/mod.ts";
import { requests } from "../_kit/offers.ts";

const BROWSERS: TestOptions = { on: ["chromium", "firefox", "webkit"] };

// The tests of all other files run in the same places: see PLACES in tools/test_runner/bundle_hosts.ts.
test(
  "platform: Chromium's pages are no secure context, and have no WebCrypto",
  { on: ["chromium"] },
  async () => {
    assert.equal(isSecureContext, false);
    assert.equal(crypto.subtle, undefined);
    await channelError(() => exportCryptoKey(rsa2048, { name: "RSA-PSS", hash: "SHA-256" }), "unsupported");
  },
);

test("platform: Firefox's tests are in a worker", { on: ["firefox"] }, () => {
  assert.equal("document" in globalThis, false);
  assert.equal("importScripts" in globalThis, true);
});

test("platform: the policy of the pages forbids code from strings", BROWSERS, () => {
  assert.throws(() => new Function("return 1"), EvalError);
});

test(
  "platform: channels between a page and its worker, whose buffers are transferred",
  BROWSERS,
  async () => {
    const message = pattern(300_000, 1);
    for (const security of requests) {
      const worker = new Worker(`${location.origin}/worker.js`, { type: "module" });
      const { port1, port2 } = new MessageChannel();
      worker.postMessage("serve", [port2]);
      const { port, transferred } = observed(port1);
      const channel = await connect(messagePortTransport(port), { security });
      await channel.send(message, { compress: false });
      assert.deepEqual(await channel.receive(), message);
      assert.ok(transferred() >= message.length, `${transferred()} bytes were transferred`);
      await channel.close();
      worker.terminate();
    }
  },
);

/** A port that counts the posted bytes that its sender no longer owns. */
function observed(port: MessagePort): { port: MessagePortLike; transferred: () => number } {
  let bytes = 0;
  const post = port.postMessage.bind(port);
  port.postMessage = (message: unknown, transfer?: unknown) => {
    const length = message instanceof Uint8Array ? message.length : 0;
    post(message, transfer as Transferable[]);
    if (length > 0 && (message as Uint8Array).length === 0) bytes += length;
  };
  return { port, transferred: () => bytes };
}
