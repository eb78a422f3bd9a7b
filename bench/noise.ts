/** The native setting, compared with noble's cipher alone and with @chainsafe/libp2p-noise and its JavaScript crypto. */
import { noise, pureJsCrypto } from "@chainsafe/libp2p-noise";
import { generateKeyPair as generateIdentity } from "@libp2p/crypto/keys";
import { multiaddrConnectionPair } from "@libp2p/utils";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { accept, type AcceptSecurity, type Channel, connect, type ConnectSecurity } from "../mod.ts";
import { generateKeyPair } from "../src/noise/mod.ts";
import { memoryPair } from "../src/transport/memory.ts";
import { compare } from "./_kit.ts";
import { arrival, type MessageStream } from "./_memory_peers.ts";

export const name = "The native setting";

/** The plaintext of a full record. */
const RECORD = 65_518;

// libp2p uses it, and Node 20 does not have it.
Promise.withResolvers ??= function <T>(): PromiseWithResolvers<T> {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason?: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => [resolve, reject] = [onResolve, onReject]);
  return { promise, resolve, reject };
};

export async function run(): Promise<void> {
  const theirs = [await encrypter(), await encrypter()] as const;
  console.log("\n  bulk: uncompressible data, encrypted and decrypted");
  await bulk();
  console.log("\n  handshakes, both sides");
  await handshakes(theirs);
  console.log("\n  messages of 64 bytes, sent in one go and all received");
  await smallMessages(theirs);
  console.log("\n  a message of 64 bytes there and one back");
  await pingPong(theirs);
}

async function bulk(): Promise<void> {
  const records = 64;
  const data = random(records * RECORD);
  const unit = { name: "MB/s", perOperation: data.length / 1e6 };
  const [client, server] = await channels();
  const key = random(32);
  const nonce = new Uint8Array(12);
  await compare({
    "the whole channel": async () => {
      await Promise.all([client.send(data), server.receive()]);
    },
    "noble's cipher alone": () => {
      for (let i = 0; i < records; i++) {
        const record = data.subarray(i * RECORD, (i + 1) * RECORD);
        const ciphertext = chacha20poly1305(key, nonce).encrypt(record);
        chacha20poly1305(key, nonce).decrypt(ciphertext);
      }
    },
  }, { unit });
}

async function handshakes(theirs: Pair): Promise<void> {
  const [server, client] = [generateKeyPair(), generateKeyPair()];
  const { publicKey: serverKey } = server;
  const shake = async (ours: ConnectSecurity, theirs: AcceptSecurity) => void await channels(ours, theirs);
  await compare({
    "NNpsk0, a shared secret": () =>
      shake({ setting: "native", secret: serverKey }, { setting: "native", secret: serverKey }),
    "NK, a pinned server key": () =>
      shake({ setting: "native", serverKey }, { setting: "native", keyPair: server }),
    "IK, keys of both": () =>
      shake({ setting: "native", serverKey, keyPair: client }, {
        setting: "native",
        keyPair: server,
        clientKeys: [client.publicKey],
      }),
    "libp2p-noise (XX)": async () => void await theirStreams(theirs),
  });
}

async function smallMessages(theirs: Pair): Promise<void> {
  const count = 1_000;
  const message = random(64);
  const unit = { name: "messages/s", perOperation: count };
  const [client, server] = await channels();
  const [near, far] = await theirStreams(theirs);
  await compare({
    "ours": async () => {
      for (let i = 1; i < count; i++) client.send(message);
      const last = client.send(message);
      for (let i = 0; i < count; i++) await server.receive();
      await last;
    },
    "libp2p-noise": async () => {
      const all = arrival(far, count * message.length);
      for (let i = 0; i < count; i++) {
        if (!near.send(message.slice())) await drained(near);
      }
      await all;
    },
  }, { unit });
}

async function pingPong(theirs: Pair): Promise<void> {
  const message = random(64);
  const unit = { name: "exchanges/s", perOperation: 1 };
  const [client, server] = await channels();
  const [near, far] = await theirStreams(theirs);
  await compare({
    "ours": async () => {
      for (const [from, to] of [[client, server], [server, client]]) {
        await Promise.all([from.send(message), to.receive()]);
      }
    },
    "libp2p-noise": async () => {
      for (const [from, to] of [[near, far], [far, near]]) {
        const all = arrival(to, message.length);
        from.send(message.slice());
        await all;
      }
    },
  }, { unit });
}

async function channels(
  ours: ConnectSecurity = { setting: "native", trust: "anyone" },
  theirs: AcceptSecurity = { setting: "native", trust: "anyone" },
): Promise<[Channel, Channel]> {
  const [here, there] = memoryPair();
  return await Promise.all([connect(here, { security: ours }), accept(there, { security: [theirs] })]);
}

type Encrypter = ReturnType<ReturnType<typeof noise>>;
type Pair = readonly [Encrypter, Encrypter];

async function encrypter(): Promise<Encrypter> {
  const components = {
    privateKey: await generateIdentity("Ed25519"),
    logger: { forComponent: () => {} },
    upgrader: { getStreamMuxers: () => new Map() },
  };
  return noise({ crypto: pureJsCrypto })(components as unknown as Parameters<ReturnType<typeof noise>>[0]);
}

/** Runs libp2p's handshake over its own connection in memory, which adds no delay. */
async function theirStreams([initiator, responder]: Pair): Promise<[MessageStream, MessageStream]> {
  const [outbound, inbound] = multiaddrConnectionPair();
  const secured = await Promise.all([initiator.secureOutbound(outbound), responder.secureInbound(inbound)]);
  return [secured[0].connection, secured[1].connection];
}

function drained(stream: MessageStream): Promise<void> {
  return new Promise((resolve) => stream.addEventListener("drain", () => resolve(), { once: true }));
}

function random(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 65_536) crypto.getRandomValues(bytes.subarray(i, i + 65_536));
  return bytes;
}
