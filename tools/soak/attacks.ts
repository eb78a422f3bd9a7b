/** The attacks of a soak: floods, bombs, and clients that only occupy a connection. */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { deflateRawSync } from "node:zlib";
import { connect } from "../../mod.ts";
import { concat, EMPTY } from "../../src/bytes.ts";
import { Control, frameParts } from "../../src/message/frame.ts";
import { connectOff, type OffSession } from "../../src/off/session.ts";
import { fromSocket } from "../../src/transport/node_duplex.ts";
import { Wire } from "../../src/wire.ts";
import { keyUpdates } from "./key_updates.ts";
import { REQUESTS } from "./settings.ts";

/** An attacker: its actions on each of its connections until the connection ends. */
export type Attacker = (socket: Socket) => Promise<unknown>;

const MESSAGE = randomBytes(60_000);
const BOMB = frame(1, deflateRawSync(new Uint8Array(2 ** 24)));
const EMPTY_MESSAGES = new Uint8Array(60_000); // 12,000 frames
const KEEP_ALIVE = frame(Control.keepAlive, EMPTY);
const OVERSIZED = Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff);
const UNFINISHED = frame(0, new Uint8Array(2 ** 24)).subarray(0, 2 ** 23);
/** The beginning of a ClientHello. */
const HELLO = Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...randomBytes(500));

function frame(flags: number, payload: Uint8Array): Uint8Array {
  return concat(...frameParts({ flags, payload }));
}

const ended = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once("close", () => resolve()));

const vanish: Attacker = async (socket) => void socket.resetAndDestroy();
const stay: Attacker = (socket) => ended(socket.resume());
const sendJunk: Attacker = (socket) => {
  socket.write(randomBytes(2_000));
  return stay(socket);
};
const sendSlowly: Attacker = async (socket) => {
  socket.resume();
  for (let sent = 0; sent < HELLO.length && !socket.destroyed; await sleep(500)) {
    socket.write(HELLO.subarray(sent, ++sent));
  }
};
const shakeHands = (kind: keyof typeof REQUESTS): Attacker => async (socket) =>
  await (await connect(fromSocket(socket), { security: REQUESTS[kind] })).abort();
/** Opens a session of the setting `off`, which needs no keys. */
const openOff = (socket: Socket): Promise<OffSession> =>
  connectOff(new Wire(fromSocket(socket)), { mode: "message" });
/** Sends the same bytes forever, and reads nothing. */
const flood = (bytes: Uint8Array): Attacker => async (socket) => {
  const session = await openOff(socket);
  while (!socket.destroyed) await session.write([bytes]);
};
/** Sends the bytes again as soon as the server has received them, as its answer to a keepalive frame shows. */
const press = (bytes: Uint8Array): Attacker => async (socket) => {
  const session = await openOff(socket);
  do await session.write([bytes, KEEP_ALIVE]); while (await session.read() !== null);
};
const sendOnce = (bytes: Uint8Array): Attacker => async (socket) => {
  const session = await openOff(socket);
  await session.write([bytes]);
  await session.read();
};

/** The attackers of each attack, and the number of each. */
export const ATTACKS: Readonly<Record<string, readonly (readonly [number, Attacker])[]>> = {
  "silent, slow and junk": [[1_500, stay], [900, sendSlowly], [300, sendJunk]],
  "connections that vanish": [[32, vanish]],
  "handshakes": [[8, shakeHands("certificate")], [4, shakeHands("native")], [4, shakeHands("fesa")]],
  "empty messages": [[8, press(EMPTY_MESSAGES)]],
  "clients that never read": [[16, flood(frame(0, MESSAGE))]],
  "deflate bombs": [[4, press(BOMB)]],
  "oversized and unfinished messages": [[8, sendOnce(OVERSIZED)], [24, sendOnce(UNFINISHED)]],
  "KeyUpdates": [[4, keyUpdates]],
};
