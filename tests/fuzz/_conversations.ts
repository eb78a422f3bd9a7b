/**
 * Targets: recorded conversations, which an attacker edits, drops, repeats, reorders, splits and injects into, replayed to
 * either role. The attacker of `wire` has no keys; the one of `inside` is the peer, and has them.
 */
import { concat, EMPTY, equalBytes } from "../../src/bytes.ts";
import { generateEd25519Key } from "../../src/crypto/ec/ed25519.ts";
import { acceptOff, connectOff } from "../../src/off/session.ts";
import { encodePreface, OFF_REQUEST } from "../../src/preface.ts";
import type { Role } from "../../src/tls/handshake/layer.ts";
import type { ClientOptions, ServerOptions } from "../../src/tls/options.ts";
import { ContentType } from "../../src/tls/record/content.ts";
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

/** A target that replays edited units. Of what was `sent`, a beginning may be delivered, and after an orderly end all of it. */
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

function tlsConversations(name: string, recording: Recording): FuzzTarget[] {
  return ROLES.map(([role, replay, sent]) => {
    const stream = role === "client" ? recording.toClient : recording.toServer;
    const units = recordsOf(stream).map(({ start, end }) => stream.subarray(start, end));
    return conversation(`${name} ${role} wire`, units, sent, (edits) => replay(recording, edits));
  });
}

/** The peer edits its own messages before they are protected; data may be anything. */
function tls13Insiders(name: string, recording: Tls13Recording): FuzzTarget[] {
  return ROLES.flatMap(([role, replay]): FuzzTarget[] => {
    const sender: Role = role === "client" ? "server" : "client";
    const flight = recording.flight(sender).map(({ bytes }) => bytes);
    const after = [
      Uint8Array.of(24, 0, 0, 1, 0),
      Uint8Array.of(4, 0, 0, 14, ...new Uint8Array(14)),
      Uint8Array.of(1, 90),
    ];
    const fragments = (units: readonly Uint8Array[], types: readonly ContentType[]) =>
      units.map((fragment, i) => ({ type: types[i % types.length], fragment: fragment.subarray(0, 16_384) }));
    return [
      {
        name: `${name} ${role} inside`,
        seeds: [EMPTY, ...ONE_EDIT_EACH],
        isConversation: true,
        run: (script) =>
          replay(recording, [
            recording.forgeFlight(sender, fragments(edited(flight, script), [ContentType.handshake])),
          ]),
      },
      {
        name: `${name} ${role} after`,
        seeds: [EMPTY, ...ONE_EDIT_EACH],
        isConversation: true,
        run: (script) => {
          const types = [
            ContentType.handshake,
            ContentType.handshake,
            ContentType.alert,
            ContentType.applicationData,
          ];
          return replay(recording, [recording.forge(sender, fragments(edited(after, script), types))]);
        },
      },
    ];
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

/** `off` protects nothing: whatever arrives may be changed. */
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
  ...tls13Insiders("tls13", tls13),
  ...tlsConversations("tls12 ecdhe", await record(...ecdhe)),
  ...tlsConversations("tls12 rsa gcm", await record(...rsa(["TLS_RSA_WITH_AES_256_GCM_SHA384"]))),
  ...tlsConversations("tls12 rsa cbc", await record(...rsa(["TLS_RSA_WITH_AES_256_CBC_SHA256"]))),
  ...(await Promise.all(WAYS.map(nativeConversations))).flat(),
  ...offTargets,
];
