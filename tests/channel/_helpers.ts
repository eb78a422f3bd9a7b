/** A CA, certificates of a server and a client, and pairs of channels, for the tests in this folder. */

import {
  accept,
  type AcceptOptions,
  type AcceptSecurity,
  type CertificateClient,
  type CertificateServer,
  type Channel,
  connect,
  type ConnectOptions,
  type ConnectSecurity,
  type KeyClient,
  type KeyServer,
  type NativeClient,
  type NativeServer,
  type OffSetting,
  type Setting,
} from "../../mod.ts";
import type { RsaPrivateKey } from "../../src/crypto/rsa/mod.ts";
import { memoryPair, type MemoryPairOptions } from "../../src/transport/memory.ts";
import {
  type Certificate,
  createCertificateAuthority,
  createCertificateRequest,
  issueCertificate,
  parseCertificateRequest,
} from "../../src/x509/mod.ts";
import { rsa2048, rsa3072 } from "../_kit/keys.ts";

export const serverKey: RsaPrivateKey = rsa2048;
export const clientKey: RsaPrivateKey = rsa3072;
export const serverName: string = "server.example";

const authority = await createCertificateAuthority({ subject: "CN=Test Root", key: rsa3072 });
export const root: Certificate = authority.certificate;
export const serverCertificate: Certificate = issued(serverKey, "server", serverName);
export const clientCertificate: Certificate = issued(clientKey, "client", "client.example");

export const secret: Uint8Array = new Uint8Array(32).fill(7);

/** An offer of a server for each setting. */
export const offers: {
  readonly certificate: CertificateServer;
  readonly key: KeyServer;
  readonly native: NativeServer;
  readonly off: OffSetting;
} = {
  certificate: { setting: "certificate", key: serverKey, certificates: [serverCertificate] },
  key: { setting: "key", key: serverKey },
  native: { setting: "native", secret },
  off: { setting: "off" },
};

/** The matching request of a client for each setting. */
export const requests: {
  readonly certificate: CertificateClient;
  readonly key: KeyClient;
  readonly native: NativeClient;
  readonly off: OffSetting;
} = {
  certificate: { setting: "certificate", roots: [root], serverName },
  key: { setting: "key", trust: "anyone" },
  native: { setting: "native", secret },
  off: { setting: "off" },
};

export const SETTINGS: readonly Setting[] = ["certificate", "key", "native", "off"];

/** Returns both ends of a channel, the client's first. */
export async function channelPair(
  request: ConnectSecurity,
  offer: AcceptSecurity | readonly AcceptSecurity[],
  options: MemoryPairOptions & Partial<ConnectOptions & AcceptOptions> = {},
): Promise<[Channel, Channel]> {
  const [client, server] = await attempt(request, offer, options);
  if (client.status === "rejected") throw client.reason;
  if (server.status === "rejected") throw server.reason;
  return [client.value, server.value];
}

/** Returns the results of the client's and the server's attempts. */
export async function attempt(
  request: ConnectSecurity,
  offer: AcceptSecurity | readonly AcceptSecurity[],
  options: MemoryPairOptions & Partial<ConnectOptions & AcceptOptions> = {},
): Promise<[PromiseSettledResult<Channel>, PromiseSettledResult<Channel>]> {
  const [near, far] = memoryPair(options);
  const security = Array.isArray(offer) ? offer : [offer];
  return await Promise.allSettled([
    connect(near, { ...options, security: request }),
    accept(far, { ...options, security }),
  ]);
}

/** Sends every message back until the peer ends its direction, and then closes. */
export async function echo(channel: Channel): Promise<void> {
  for await (const message of channel) await channel.send(message);
  await channel.close();
}

/** Closes both ends of a channel. */
export async function closeBoth(...channels: readonly Channel[]): Promise<void> {
  await Promise.all(channels.map((channel) => channel.close()));
}

export function bytes(length: number, seed = 1): Uint8Array {
  const made = new Uint8Array(length);
  for (let i = 0, state = seed; i < length; i++) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    made[i] = state >>> 24;
  }
  return made;
}

function issued(key: RsaPrivateKey, profile: "server" | "client", name: string): Certificate {
  const request = createCertificateRequest(key, { subject: `CN=${name}`, names: [name] });
  return issueCertificate(authority, parseCertificateRequest(request.pem), { profile });
}

/** Waits for a timer. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
