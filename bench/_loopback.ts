/** Peers over loopback with both ends in this process: each sends bytes and sets up sessions. */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv } from "node:crypto";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { connect as connectNodeTls, createServer as createNodeTls, type SecureVersion } from "node:tls";
import lemon from "lemon-tls";
import type { Listener, Transport } from "../mod.ts";
import { accept, type AcceptSecurity, type Channel, connect, type ConnectSecurity } from "../mod.ts";
import { type Certificate, createSelfSignedCertificate, exportPrivateKey } from "../src/x509/mod.ts";
import { establish, type NegotiatedSession } from "../src/channel/establish.ts";
import { tlsAgreement } from "../src/channel/settings/tls/agreement.ts";
import { suitesOf } from "../src/channel/settings/tls/suites.ts";
import type { CryptoChoice } from "../src/platform/choose.ts";
import { clientHandshake } from "../src/tls/client.ts";
import { verifyWithRoots } from "../src/tls/credentials/roots.ts";
import { offersOf } from "../src/tls/credentials/offers.ts";
import { serverHandshake } from "../src/tls/server.ts";
import type { TlsSession } from "../src/tls/session.ts";
import { memoryPair } from "../src/transport/memory.ts";
import { generateKeyPair, type RsaPrivateKey } from "../src/crypto/rsa/mod.ts";

/** An implementation that moves bytes between two sockets of this machine. */
export interface Peer {
  /** Sends the message `count` times, and waits until all have arrived. */
  bulk(message: Uint8Array, count: number): Promise<void>;
  /** Sends the message and waits for a message of the same size. */
  pingPong?(message: Uint8Array): Promise<void>;
  /** Sets up one more session and ends it. */
  handshake?(): Promise<void>;
  close(): void;
}

/** A server's key and certificate. */
export interface Identity {
  readonly key: RsaPrivateKey;
  readonly certificate: Certificate;
}

export async function identity(): Promise<Identity> {
  const { privateKey: key } = await generateKeyPair({ bits: 2048 });
  return {
    key,
    certificate: createSelfSignedCertificate(key, { subject: "CN=localhost", names: ["localhost"] }),
  };
}

/** Imports the TCP transport of this runtime. */
async function tcp(): Promise<{
  listen(options: { port: number }): Promise<Listener<Transport> & { readonly port: number }>;
  dial(listener: { readonly port: number }): Promise<Transport>;
}> {
  if ("Deno" in globalThis) return await import("../src/transport/deno.ts") as never;
  if ("Bun" in globalThis) return await import("../src/transport/bun.ts") as never;
  return await import("../src/transport/node.ts") as never;
}

/** The functions with which each side makes a channel of its transport. */
interface Sides {
  client(transport: Transport): Promise<Channel>;
  server(transport: Transport): Promise<Channel>;
}

/** This library's channel in a setting. */
export function ours(
  client: ConnectSecurity,
  server: AcceptSecurity,
  crypto: CryptoChoice = "platform",
  inMemory = false,
): Promise<Peer> {
  return channels({
    client: (transport) => connect(transport, { security: client, crypto }),
    server: (transport) => accept(transport, { security: [server], crypto }),
  }, inMemory);
}

/** This library's channel in the setting `certificate` with x25519 alone, for which channels have no option. */
export function oursByX25519({ key, certificate }: Identity): Promise<Peer> {
  const options = { suites: suitesOf(["AES"]), groups: ["x25519"], alpnProtocols: ["fesa/1"] } as const;
  const [offer] = offersOf({ ...options, credentials: [{ key, certificates: [certificate] }] });
  const verifyPeer = verifyWithRoots([certificate]);
  const settled = (session: TlsSession, authenticated: boolean): NegotiatedSession => ({
    session,
    agree: (maxMessageSize) =>
      tlsAgreement(
        { setting: "certificate", key, certificates: certificate },
        session,
        authenticated,
        maxMessageSize,
      ),
  });
  return channels({
    client: (transport) =>
      establish(
        transport,
        {},
        async (wire) =>
          settled(await clientHandshake(wire, { ...options, verifyPeer, serverName: "localhost" }), true),
      ),
    server: (transport) =>
      establish(transport, {}, async (wire) => settled(await serverHandshake(wire, [offer]), false)),
  });
}

async function channels({ client, server }: Sides, inMemory = false): Promise<Peer> {
  const { listen, dial } = await tcp();
  const listener = await listen({ port: 0 });
  const accepted: ((transport: Transport) => void)[] = [];
  void (async () => {
    for await (const transport of listener) accepted.shift()?.(transport);
  })();
  const pair = async (): Promise<[Channel, Channel]> => {
    const [near, far] = inMemory
      ? memoryPair({ highWaterMark: 2 ** 20 })
      : await Promise.all([dial(listener), new Promise<Transport>((resolve) => accepted.push(resolve))]);
    return await Promise.all([client(near), server(far)]);
  };
  const [near, far] = await pair();
  return {
    async bulk(message, count) {
      const sent = Promise.all(Array.from({ length: count }, () => near.send(message)));
      for (let i = 0; i < count; i++) await far.receive();
      await sent;
    },
    async pingPong(message) {
      await Promise.all([near.send(message), far.receive()]);
      await Promise.all([far.send(message), near.receive()]);
    },
    async handshake() {
      const [one, other] = await pair();
      await Promise.all([one.abort(), other.abort()]); // like the other peers, which destroy their sockets
    },
    close: () => {
      void near.abort().catch(() => {});
      void far.abort().catch(() => {});
      void listener.close();
    },
  };
}

/** A peer over two sockets of Node. */
async function socketPeer(near: Socket, far: Socket, more: Pick<Peer, "handshake" | "close">): Promise<Peer> {
  let wanted = 0;
  let done: () => void = () => {};
  const taken = (chunk: Buffer) => {
    wanted -= chunk.length;
    if (wanted <= 0) done();
  };
  far.on("data", taken);
  near.on("data", taken);
  const arrival = (bytes: number) =>
    new Promise<void>((resolve) => {
      wanted = bytes;
      done = resolve;
    });
  return {
    async bulk(message, count) {
      const arrived = arrival(message.length * count);
      for (let i = 0; i < count; i++) near.write(message);
      await arrived;
    },
    async pingPong(message) {
      for (const side of [near, far]) {
        const arrived = arrival(message.length);
        side.write(message);
        await arrived;
      }
    },
    ...more,
  };
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return (server.address() as AddressInfo).port;
}

/** A peer over the sockets of a TLS server, which passes each to `use`, and of clients that have connected to its port. */
async function tlsPeer(
  serverOf: (use: (socket: Socket) => void) => ReturnType<typeof createServer>,
  connected: (port: number) => Promise<Socket>,
): Promise<Peer> {
  const sockets: ((socket: Socket) => void)[] = [];
  const server = serverOf((socket) => {
    socket.on("error", () => {});
    sockets.shift()?.(socket);
  });
  const port = await listening(server);
  const pair = async (): Promise<[Socket, Socket]> => {
    const there = new Promise<Socket>((resolve) => sockets.push(resolve));
    return await Promise.all([connected(port), there]);
  };
  const [near, far] = await pair();
  return await socketPeer(near, far, {
    async handshake() {
      for (const socket of await pair()) socket.destroy();
    },
    close: () => {
      near.destroy();
      far.destroy();
      server.close();
    },
  });
}

/** node:tls: OpenSSL in C. */
export async function nodeTls(
  { key, certificate }: Identity,
  version: SecureVersion,
  ciphers?: string,
): Promise<Peer> {
  const common = { minVersion: version, maxVersion: version, ...(ciphers && { ciphers }) };
  return await tlsPeer(
    (use) => createNodeTls({ key: exportPrivateKey(key), cert: certificate.pem, ...common }, use),
    (port) =>
      new Promise((resolve, reject) => {
        const options = { port, host: "127.0.0.1", rejectUnauthorized: false, ...common };
        const socket = connectNodeTls(options, () => resolve(socket)).on("error", reject);
      }),
  );
}

/** lemon-tls: TLS in JavaScript over node:crypto. */
export async function lemonTls(
  { key, certificate }: Identity,
  version: "TLSv1.2" | "TLSv1.3",
): Promise<Peer> {
  const { createServer: createLemon, connect: connectLemon } = lemon as unknown as {
    createServer(options: object, use: (socket: Socket) => void): ReturnType<typeof createServer>;
    connect(port: number, host: string, options: object, connected: () => void): Socket;
  };
  const common = { minVersion: version, maxVersion: version };
  return await tlsPeer(
    (use) => createLemon({ key: exportPrivateKey(key), cert: certificate.pem, ...common }, use),
    (port) =>
      new Promise((resolve) => {
        const options = { rejectUnauthorized: false, servername: "localhost", ...common };
        const socket = connectLemon(port, "127.0.0.1", options, () => resolve(socket));
        socket.on("error", () => {});
      }),
  );
}

const RECORD = 16_384;

/** The minimal loop: sockets, and `createCipheriv` for each record of 16 KiB, without headers and messages. */
export async function bareLoop(): Promise<Peer> {
  let accepted: (socket: Socket) => void = () => {};
  const server = createServer((socket) => accepted(socket));
  const port = await listening(server);
  const there = new Promise<Socket>((resolve) => accepted = resolve);
  const near = connectTcp(port, "127.0.0.1");
  const far = await there;
  const [key, nonce, data] = [32, 12, RECORD].map((length) => new Uint8Array(length));
  let wanted = 0;
  let done: () => void = () => {};
  let held: Buffer[] = [];
  let size = 0;
  far.on("data", (chunk: Buffer) => {
    held.push(chunk);
    size += chunk.length;
    if (size < RECORD + 16) return;
    const bytes = held.length === 1 ? held[0] : Buffer.concat(held);
    let offset = 0;
    for (; bytes.length - offset >= RECORD + 16; offset += RECORD + 16) {
      const decipher = createDecipheriv("aes-256-gcm", key, nonce);
      decipher.setAuthTag(bytes.subarray(offset + RECORD, offset + RECORD + 16));
      decipher.update(bytes.subarray(offset, offset + RECORD));
      decipher.final();
      wanted -= RECORD;
    }
    held = [bytes.subarray(offset)];
    size = bytes.length - offset;
    if (wanted <= 0) done();
  });
  return {
    async bulk({ length }, count) {
      const records = Math.ceil(length * count / RECORD);
      const arrived = new Promise<void>((resolve) => {
        wanted = records * RECORD;
        done = resolve;
      });
      for (let i = 0; i < records; i++) {
        const cipher = createCipheriv("aes-256-gcm", key, nonce);
        const sealed = cipher.update(data);
        cipher.final();
        near.write(sealed);
        near.write(cipher.getAuthTag());
      }
      await arrived;
    },
    close: () => {
      near.destroy();
      far.destroy();
      server.close();
    },
  };
}
