/**
 * Targets: recorded conversations, which an attacker edits, drops, repeats, reorders, splits and injects into, replayed to
 * either role. The attacker of `wire` has no keys; the one of `inside` and `after` is the peer, and has them.
 */
import { concat, EMPTY, equalBytes } from "../../src/bytes.ts";
import { generateEd25519Key } from "../../src/crypto/ec/ed25519.ts";
import { cipherByName } from "../../src/noise/mod.ts";
import type { NativeInfo } from "../../src/noise/profile.ts";
import { RecordCipher } from "../../src/noise/record_cipher.ts";
import { NoiseSession } from "../../src/noise/session.ts";
import { acceptOff, connectOff } from "../../src/off/session.ts";
import { encodePreface, OFF_REQUEST } from "../../src/preface.ts";
import type { Role } from "../../src/tls/handshake/layer.ts";
import type { ClientOptions, ServerOptions } from "../../src/tls/options.ts";
import { ContentType, type TlsRecord } from "../../src/tls/record/content.ts";
import type { Wire } from "../../src/wire.ts";
import { rsa1024 } from "../_kit/keys.ts";
import {
  CLIENT_DATA,
  type Outcome,
  record,
  type Recording,
  recordsOf,
  replayClient,
  replayServer,
  SERVER_DATA,
} from "../_kit/replay.ts";
import { heard, recordNative } from "../noise/_recording.ts";
import { type Way, WAYS } from "../noise/_ways.ts";
import { recordTls13, type Tls13Recording } from "../tls/tls13/_recording.ts";
import { edited, ONE_EDIT_EACH } from "./_edits.ts";
import type { FuzzTarget } from "./_target.ts";

/**
 * A target that replays edited units. It may deliver a prefix of what was `sent`, and after an orderly end must have
 * delivered all of it.
 */
function conversation(
  name: string,
  units: readonly Uint8Array[],
  sent: Uint8Array,
  replay: (units: readonly Uint8Array[]) => Promise<Outcome>,
): FuzzTarget {
  return {
    name,
    seeds: [EMPTY, ...ONE_EDIT_EACH],
    isConversation: true,
    run: async (script) => {
      const { data, error } = await replay(edited(units, script));
      const expected = error === undefined ? sent : sent.subarray(0, data.length);
      if (!equalBytes(data, expected)) throw new Error(`${name}: data arrived that was not sent`);
      if (error) throw error;
    },
  };
}

const ROLES = [["client", replayClient, concat(...SERVER_DATA)], [
  "server",
  replayServer,
  concat(...CLIENT_DATA),
]] as const;

const PEER: Readonly<Record<Role, Role>> = { client: "server", server: "client" };

function tlsConversations(name: string, recording: Recording): FuzzTarget[] {
  return ROLES.map(([role, replay, sent]) => {
    const stream = role === "client" ? recording.toClient : recording.toServer;
    const units = recordsOf(stream).map(({ start, end }) => stream.subarray(start, end));
    return conversation(`${name} ${role} wire`, units, sent, (edits) => replay(recording, edits));
  });
}

/**
 * A target whose attacker is the peer and has the keys: `replay` protects the edited units. The delivered data may be
 * anything.
 */
function insider(
  name: string,
  units: readonly Uint8Array[],
  replay: (units: readonly Uint8Array[]) => Promise<unknown>,
): FuzzTarget {
  return {
    name,
    seeds: [EMPTY, ...ONE_EDIT_EACH],
    isConversation: true,
    run: (script) => replay(edited(units, script).map((unit) => unit.subarray(0, 16_384))),
  };
}

/** Returns messages as fragments of records with alternating types. */
function fragments(units: readonly Uint8Array[], ...types: readonly ContentType[]): TlsRecord[] {
  return units.map((fragment, i) => ({ type: types[i % types.length], fragment }));
}

/** The peer edits its flight before protecting it. */
function tls13Flights(name: string, recording: Tls13Recording): FuzzTarget[] {
  return ROLES.map(([role, replay]) => {
    const sender = PEER[role];
    const flight = recording.flight(sender).map(({ bytes }) => bytes);
    return insider(
      `${name} ${role} inside`,
      flight,
      (units) => replay(recording, [recording.forgeFlight(sender, fragments(units, ContentType.handshake))]),
    );
  });
}

/** The peer sends other records in place of its Finished of TLS 1.2. */
function tls12Finished(name: string, recording: Recording): FuzzTarget[] {
  const messages = [Uint8Array.of(20, 0, 0, 12, ...new Uint8Array(12)), Uint8Array.of(0, 0, 0, 0)];
  return ROLES.map(([role, replay]) =>
    insider(
      `${name} ${role} inside`,
      messages,
      (units) =>
        replay(recording, [recording.forgeFinished!(PEER[role], fragments(units, ContentType.handshake))]),
    )
  );
}

/** After the handshake, the peer sends KeyUpdate, a ticket, an alert, data, HelloRequest and ChangeCipherSpec. */
function tlsAfter(name: string, recording: Recording): FuzzTarget[] {
  const messages = [
    Uint8Array.of(24, 0, 0, 1, 0),
    Uint8Array.of(4, 0, 0, 14, ...new Uint8Array(14)),
    Uint8Array.of(1, 90),
    Uint8Array.of(1, 90),
    Uint8Array.of(0, 0, 0, 0),
    Uint8Array.of(1),
  ];
  const { handshake, alert, applicationData, changeCipherSpec } = ContentType;
  const types = [handshake, handshake, alert, applicationData, handshake, changeCipherSpec];
  return ROLES.map(([role, replay]) =>
    insider(
      `${name} ${role} after`,
      messages,
      (units) => replay(recording, [recording.forge(PEER[role], fragments(units, ...types))]),
    )
  );
}

/** A session of TLS 1.2, attacked by a third party and by a peer that has the keys. */
function tls12Targets(name: string, recording: Recording): FuzzTarget[] {
  return [
    ...tlsConversations(name, recording),
    ...tls12Finished(name, recording),
    ...tlsAfter(name, recording),
  ];
}

/** The value in place of a record's length that announces a failure of one byte. */
const FAILURE_MARK = 1;

/** Records of `native` from a peer that has the keys: data in records of any length, an end, and failures of one byte. */
function nativeInsider(): FuzzTarget {
  const suite = { ...cipherByName("ChaChaPoly"), recordAead: cipherByName("ChaChaPoly").aead };
  const key = new Uint8Array(32).fill(7);
  const units = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5), Uint8Array.of(2), Uint8Array.of(6), EMPTY];
  return insider("noise records inside", units, async (plaintexts) => {
    const sender = new RecordCipher(suite, key);
    const records = plaintexts.map((plaintext) => {
      const sealed = sender.seal(EMPTY, plaintext) as Uint8Array;
      const length = plaintext.length === 1 ? FAILURE_MARK : sealed.length;
      return concat(Uint8Array.of(length >> 8, length & 0xff), sealed);
    });
    const session = (wire: Wire): Promise<NoiseSession> =>
      Promise.resolve(
        new NoiseSession(wire, {} as NativeInfo, new RecordCipher(suite, key), new RecordCipher(suite, key)),
      );
    const { data, error } = await heard(session, records);
    const end = plaintexts.findIndex(({ length }) => length <= 1);
    const sent = concat(...plaintexts.slice(0, end === -1 ? undefined : end));
    if (!equalBytes(data, sent)) throw new Error("native: other data arrived than was sent before the end");
    if (error) throw error;
  });
}

async function nativeConversations(way: Way): Promise<FuzzTarget[]> {
  const { to, replay } = await recordNative(way);
  return ([["client", SERVER_DATA], ["server", CLIENT_DATA]] as const).map(([role, sent]) =>
    conversation(
      `noise ${way.pattern} ${role} wire`,
      to[role],
      concat(...sent),
      (units) => replay(role, units),
    )
  );
}

const key = generateEd25519Key(() => new Uint8Array(32).fill(9));
const raw = { groups: ["x25519"], certificateTypes: ["raw"], verifyPeer: () => {} } as const;
const tls12 = { minimumKeyBits: 1024, certificateTypes: ["raw"], verifyPeer: () => {} } as const;

const rsa = (suite: ClientOptions["suites"]): [ClientOptions, ServerOptions] => [
  { ...tls12, suites: suite! },
  { minimumKeyBits: 1024, suites: suite!, credentials: [{ key: rsa1024 }] },
];
const ecdhe: [ClientOptions, ServerOptions] = [
  { ...raw, suites: ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"], credentials: { key } },
  {
    groups: ["x25519"],
    suites: ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"],
    credentials: [{ key }],
    clientAuthentication: { verifyPeer: () => {}, certificateTypes: ["raw"] },
  },
];
const tls13 = await recordTls13(
  "TLS_CHACHA20_POLY1305_SHA256",
  { ...raw, credentials: { key } },
  {
    groups: ["x25519"],
    credentials: [{ key }],
    clientAuthentication: { verifyPeer: () => {}, certificateTypes: ["raw"] },
  },
);

/** The setting `off` has no protection, so all data may have been changed. */
const offTargets: readonly FuzzTarget[] = [
  {
    name: "off client",
    seeds: [Uint8Array.of(0, 0, 0, 3, 1, 2, 3, 0, 0)],
    run: async (bytes) => (await heard((wire) => connectOff(wire, { mode: "off" }), [bytes])).error,
  },
  {
    name: "off server",
    seeds: [concat(encodePreface(OFF_REQUEST, { mode: "off" }), Uint8Array.of(0, 3, 1, 2, 3, 0, 0))],
    run: async (bytes) => (await heard((wire) => acceptOff(wire, { mode: "off" }), [bytes])).error,
  },
];

export const CONVERSATION_TARGETS: readonly FuzzTarget[] = [
  ...tlsConversations("tls13", tls13),
  ...tls13Flights("tls13", tls13),
  ...tlsAfter("tls13", tls13),
  ...tls12Targets("tls12 ecdhe", await record(...ecdhe)),
  ...tls12Targets("tls12 rsa gcm", await record(...rsa(["TLS_RSA_WITH_AES_256_GCM_SHA384"]))),
  ...tls12Targets("tls12 rsa cbc", await record(...rsa(["TLS_RSA_WITH_AES_256_CBC_SHA256"]))),
  ...(await Promise.all(WAYS.map(nativeConversations))).flat(),
  nativeInsider(),
  ...offTargets,
];
