/** The server's side of the native handshake. */

import { concat, equalBytes } from "../bytes.ts";
import { wrongType } from "../check.ts";
import type { KeyPair } from "../crypto/ec/key_agreement.ts";
import { ChannelError } from "../errors.ts";
import { ACCEPTED, agreeCompression, encodeAgreedMode, readPreface, refuse } from "../preface.ts";
import type { Wire } from "../wire.ts";
import { checkKey, checkKeys } from "./check.ts";
import { establishedSession } from "./established.ts";
import { type HandshakeOptions, HandshakeState } from "./handshake_state.ts";
import {
  keyRefusal,
  NATIVE_PROFILES,
  type NativeOptions,
  type NativePattern,
  nativeProtocol,
} from "./profile.ts";
import type { Protocol } from "./protocol.ts";
import type { NoiseSession } from "./session.ts";

/**
 * The keys of one offer of a server. They determine the patterns:
 *
 * | given | patterns offered |
 * | --- | --- |
 * | `secret`: 32 bytes that both sides share | NNpsk0 |
 * | `keyPair`: the server's own, whose public key clients have pinned | NK |
 * | `keyPair` and `clientKeys`: only clients with these keys are accepted | IK and XX; also KK if it is one key |
 * | `trust: "anyone"` | NN |
 */
export type NativeServerIdentity =
  | {
    readonly secret: Uint8Array;
    readonly keyPair?: never;
    readonly clientKeys?: never;
    readonly trust?: never;
  }
  | {
    readonly keyPair: KeyPair;
    readonly clientKeys?: ClientKeys;
    readonly secret?: never;
    readonly trust?: never;
  }
  | {
    readonly trust: "anyone";
    readonly secret?: never;
    readonly keyPair?: never;
    readonly clientKeys?: never;
  };

/** The accepted public keys of clients: a list, or a function that checks a key. */
export type ClientKeys = readonly Uint8Array[] | ((key: Uint8Array) => boolean | Promise<boolean>);

/** One offer of a server of the native setting. */
export type NativeOffer = NativeOptions & { readonly identity: NativeServerIdentity };

/**
 * Refuses an invalid identity.
 *
 * @throws {TypeError} If the members do not match a row of the table at {@link NativeServerIdentity}.
 * @throws {RangeError} If a key does not have 32 bytes.
 */
export function checkServerIdentity(identity: NativeServerIdentity): void {
  const { secret, keyPair, clientKeys, trust } = identity;
  checkKeys(identity);
  const given = Number(!!secret) + Number(!!keyPair) + Number(trust === "anyone");
  if (given !== 1 || (clientKeys && !keyPair)) {
    throw new TypeError(
      'native needs a secret, or a keyPair (with or without clientKeys), or trust: "anyone"',
    );
  }
  if (clientKeys === undefined || typeof clientKeys === "function") return;
  if (!Array.isArray(clientKeys)) throw wrongType("clientKeys", "a list of keys or a function", clientKeys);
  clientKeys.forEach((key, index) => checkKey(`clientKeys[${index}]`, key));
}

/**
 * Runs the handshake with a client that requests the native setting. If several offers fit the client's pattern, it uses the
 * first one under whose keys the client's message is authentic. The caller sets the time limit, and must have checked the
 * identities with {@link checkServerIdentity}.
 */
export async function acceptNative<Offer extends NativeOffer>(
  wire: Wire,
  offers: readonly Offer[],
): Promise<{ session: NoiseSession; offer: Offer }> {
  const startedAt = performance.now();
  const preface = await readPreface(wire);
  const profile = NATIVE_PROFILES.find(({ request }) => request === preface.request);
  const fitting = profile ? offers.filter(({ identity }) => keysFor(profile.pattern, identity)) : [];
  if (profile === undefined || fitting.length === 0) throw await refuse(wire, "request");
  const { cipher } = preface;
  const sameCipher = fitting.filter((offer) => offer.cipher === cipher);
  if (sameCipher.length === 0) throw await refuse(wire, "cipher");

  const { pattern, lengths } = profile;
  const protocol = nativeProtocol(profile, cipher, sameCipher[0].operations);
  const candidates = sameCipher.map((offer) => start(offer, pattern, protocol, preface.bytes));
  const message = await wire.take(lengths[0]);
  const chosen = candidates.find(({ handshake }) => authenticates(handshake, message));
  if (chosen === undefined) throw await refuse(wire, "authentication");
  const { offer, handshake } = chosen;
  const knowsClient = handshake.rs !== undefined;
  const early = knowsClient && await clientRefusal(offer.identity, handshake.rs!);
  if (early) throw await refuse(wire, "client_key", early);
  const compression = agreeCompression(preface.compression, offer.compression);
  if (compression === null) throw await refuse(wire, "dictionary");

  await wire.write(concat(ACCEPTED, handshake.writeMessage(encodeAgreedMode(compression))));
  if (!handshake.complete) handshake.readMessage(await wire.take(lengths[2]));

  const session = establishedSession(wire, "server", handshake, { protocol, compression, startedAt });
  const late = !knowsClient && handshake.rs && await clientRefusal(offer.identity, handshake.rs);
  if (late) {
    await session.abort(late); // the client has completed its handshake, so it expects a record
    throw late;
  }
  return { session, offer };
}

interface Candidate<Offer> {
  readonly offer: Offer;
  readonly handshake: HandshakeState;
}

function start<Offer extends NativeOffer>(
  offer: Offer,
  pattern: NativePattern,
  protocol: Protocol,
  prologue: Uint8Array,
): Candidate<Offer> {
  const { identity, random } = offer;
  const options = { initiator: false, prologue, random, ...keysFor(pattern, identity) };
  return { offer, handshake: new HandshakeState(protocol, options) };
}

/**
 * Returns the keys for a pattern by the table at {@link NativeServerIdentity}, or null if the identity does not offer the
 * pattern.
 */
function keysFor(
  pattern: NativePattern,
  { secret, keyPair: s, clientKeys, trust }: NativeServerIdentity,
): Pick<HandshakeOptions, "s" | "rs" | "psks"> | null {
  switch (pattern) {
    case "NN":
      return trust ? {} : null;
    case "NNpsk0":
      return secret ? { psks: [secret] } : null;
    case "NK":
      return s && !clientKeys ? { s } : null;
    case "IK":
    case "XX":
      return s && clientKeys ? { s } : null;
    case "KK":
      return s && clientKeys?.length === 1 && typeof clientKeys !== "function"
        ? { s, rs: clientKeys[0] }
        : null;
  }
}

function authenticates(handshake: HandshakeState, message: Uint8Array): boolean {
  try {
    handshake.readMessage(message);
    return true;
  } catch (error) {
    if (error instanceof ChannelError) return false;
    throw error;
  }
}

async function clientRefusal(
  { clientKeys }: NativeServerIdentity,
  key: Uint8Array,
): Promise<ChannelError | null> {
  if (clientKeys === undefined) return null;
  const check = typeof clientKeys === "function"
    ? clientKeys
    : (key: Uint8Array) => clientKeys.some((known) => equalBytes(known, key));
  return await keyRefusal(check, key, "the client's key is not trusted");
}
