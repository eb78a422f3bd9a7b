/** Peers in memory: other implementations without sockets, and ciphers alone. */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv } from "node:crypto";
import { noise } from "@chainsafe/libp2p-noise";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { multiaddrConnectionPair } from "@libp2p/utils";
import { gcm } from "@noble/ciphers/aes.js";
import { forgePair } from "./_forge.ts";
import type { Identity, Peer } from "./_loopback.ts";

// libp2p uses it, and Node 20 does not have it.
Promise.withResolvers ??= function <T>(): PromiseWithResolvers<T> {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason?: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => [resolve, reject] = [onResolve, onReject]);
  return { promise, resolve, reject };
};

type Encrypter = ReturnType<ReturnType<typeof noise>>;
/** A stream of libp2p, which reports its messages as events. */
export type MessageStream = Awaited<ReturnType<Encrypter["secureOutbound"]>>["connection"];

async function encrypter(): Promise<Encrypter> {
  const components = {
    privateKey: await generateKeyPair("Ed25519"),
    logger: { forComponent: () => {} },
    upgrader: { getStreamMuxers: () => new Map() },
  };
  return noise()(components as unknown as Parameters<ReturnType<typeof noise>>[0]);
}

/** libp2p-noise over its own connection in memory, which adds no delay. */
export async function libp2pNoise(): Promise<Peer> {
  if ("Bun" in globalThis) {
    throw new Error("it asks node:crypto for ChaCha20-Poly1305, which Bun does not have");
  }
  const [initiator, responder] = [await encrypter(), await encrypter()];
  const pair = async (): Promise<[MessageStream, MessageStream]> => {
    const [outbound, inbound] = multiaddrConnectionPair();
    const secured = await Promise.all([initiator.secureOutbound(outbound), responder.secureInbound(inbound)]);
    return [secured[0].connection, secured[1].connection];
  };
  const [near, far] = await pair();
  return {
    async bulk(message, count) {
      const all = arrival(far, count * message.length);
      for (let i = 0; i < count; i++) {
        if (!near.send(message.slice())) {
          await new Promise<void>((resolve) =>
            near.addEventListener("drain", () => resolve(), { once: true })
          );
        }
      }
      await all;
    },
    async pingPong(message) {
      for (const [from, to] of [[near, far], [far, near]]) {
        const all = arrival(to, message.length);
        from.send(message.slice());
        await all;
      }
    },
    async handshake() {
      await pair();
    },
    close: () => {},
  };
}

/** Resolves when this many bytes have arrived. */
export function arrival(stream: MessageStream, wanted: number): Promise<void> {
  return new Promise((resolve) => {
    const count = (event: Event & { data: { byteLength: number } }) => {
      wanted -= event.data.byteLength;
      if (wanted > 0) return;
      stream.removeEventListener("message", count);
      resolve();
    };
    stream.addEventListener("message", count);
  });
}

/** node-forge: TLS 1.1 in JavaScript, AES-256-CBC. */
export async function nodeForge(identity: Identity): Promise<Peer> {
  let wanted = 0;
  let done: () => void = () => {};
  const near = await forgePair(identity, (length) => {
    wanted -= length;
    if (wanted <= 0) done();
  });
  return {
    async bulk(message, count) {
      wanted = count * message.length;
      const arrived = new Promise<void>((resolve) => done = resolve);
      for (let i = 0; i < count; i++) near.prepare(Buffer.from(message).toString("latin1"));
      await arrived;
    },
    async handshake() {
      await forgePair(identity, () => {});
    },
    close: () => {},
  };
}

const RECORD = 16_384;
const [KEY, NONCE, HEADER] = [32, 12, 5].map((length) => new Uint8Array(length));

/** AES-256-GCM alone, without sockets or messages: each message is encrypted and decrypted in pieces of 16 KiB. */
export function cipherAlone(sealAndOpen: (plaintext: Uint8Array) => void): Peer {
  return {
    bulk(message, count) {
      for (let i = 0; i < count; i++) {
        for (let at = 0; at < message.length; at += RECORD) sealAndOpen(message.subarray(at, at + RECORD));
      }
      return Promise.resolve();
    },
    close: () => {},
  };
}

export function nobleGcm(plaintext: Uint8Array): void {
  gcm(KEY, NONCE, HEADER).decrypt(gcm(KEY, NONCE, HEADER).encrypt(plaintext));
}

export function nodeGcm(plaintext: Uint8Array): void {
  const cipher = createCipheriv("aes-256-gcm", KEY, NONCE);
  cipher.setAAD(HEADER);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  const decipher = createDecipheriv("aes-256-gcm", KEY, NONCE);
  decipher.setAAD(HEADER);
  decipher.setAuthTag(cipher.getAuthTag());
  decipher.update(ciphertext);
  decipher.final();
}
