/** The handshake patterns, in the notation of the Noise specification (revision 34, sections 7 and 9). */

/** What one party does at one point of a message (section 7.1). */
export type Token = "e" | "s" | "ee" | "es" | "se" | "ss" | "psk";

/** One handshake message. */
export interface MessagePattern {
  /** Whether the initiator writes it. */
  readonly fromInitiator: boolean;
  /** What it does, in order. */
  readonly tokens: readonly Token[];
}

/** One handshake pattern, its modifiers applied. */
export interface HandshakePattern {
  /** Its name with its modifiers, such as `NNpsk0`. */
  readonly name: string;
  /** Whether the responder knows the initiator's static key beforehand (a pre-message). */
  readonly initiatorKnown: boolean;
  /** Whether the initiator knows the responder's static key beforehand. */
  readonly responderKnown: boolean;
  /** The messages, alternately from the initiator and from the responder. */
  readonly messages: readonly MessagePattern[];
  /** How many pre-shared keys it mixes in. */
  readonly pskCount: number;
  /** Whether only the initiator ever sends (section 7.4). */
  readonly oneWay: boolean;
}

const PATTERNS: ReadonlyMap<string, string> = new Map([
  // One-way, section 7.4
  ["N", "<- s ... -> e es"],
  ["K", "-> s <- s ... -> e es ss"],
  ["X", "<- s ... -> e es s ss"],
  // Interactive, section 7.5
  ["NN", "-> e <- e ee"],
  ["NK", "<- s ... -> e es <- e ee"],
  ["NX", "-> e <- e ee s es"],
  ["KN", "-> s ... -> e <- e ee se"],
  ["KK", "-> s <- s ... -> e es ss <- e ee se"],
  ["KX", "-> s ... -> e <- e ee se s es"],
  ["XN", "-> e <- e ee -> s se"],
  ["XK", "<- s ... -> e es <- e ee -> s se"],
  ["XX", "-> e <- e ee s es -> s se"],
  ["IN", "-> e s <- e ee se"],
  ["IK", "<- s ... -> e es s ss <- e ee se"],
  ["IX", "-> e s <- e ee se s es"],
  // Deferred, section 18.1
  ["NK1", "<- s ... -> e <- e ee es"],
  ["NX1", "-> e <- e ee s -> es"],
  ["X1N", "-> e <- e ee -> s <- se"],
  ["X1K", "<- s ... -> e es <- e ee -> s <- se"],
  ["XK1", "<- s ... -> e <- e ee es -> s se"],
  ["X1K1", "<- s ... -> e <- e ee es -> s <- se"],
  ["X1X", "-> e <- e ee s es -> s <- se"],
  ["XX1", "-> e <- e ee s -> es s se"],
  ["X1X1", "-> e <- e ee s -> es s <- se"],
  ["K1N", "-> s ... -> e <- e ee -> se"],
  ["K1K", "-> s <- s ... -> e es <- e ee -> se"],
  ["KK1", "-> s <- s ... -> e <- e ee se es"],
  ["K1K1", "-> s <- s ... -> e <- e ee es -> se"],
  ["K1X", "-> s ... -> e <- e ee s es -> se"],
  ["KX1", "-> s ... -> e <- e ee se s -> es"],
  ["K1X1", "-> s ... -> e <- e ee s -> se es"],
  ["I1N", "-> e s <- e ee -> se"],
  ["I1K", "<- s ... -> e es s <- e ee -> se"],
  ["IK1", "<- s ... -> e s <- e ee se es"],
  ["I1K1", "<- s ... -> e s <- e ee es -> se"],
  ["I1X", "-> e s <- e ee s es -> se"],
  ["IX1", "-> e s <- e ee se s -> es"],
  ["I1X1", "-> e s <- e ee s -> se es"],
]);

/** The pattern of this name, with modifiers `psk0` to `psk4`; throws `RangeError` where there is none. */
export function handshakePattern(name: string): HandshakePattern {
  const [, base, modifiers] = /^([A-Z1]+)((?:psk[0-4](?:\+psk[0-4])*)?)$/.exec(name) ?? [];
  const notation = PATTERNS.get(base ?? "");
  if (notation === undefined) throw new RangeError(`no handshake pattern is called ${name}`);

  const [before, after] = notation.includes(" ... ") ? notation.split(" ... ") : ["", notation];
  const messages = after.split(/ (?=->|<-)/).map(readMessage);
  const psks = modifiers === "" ? [] : modifiers.split("+").map((modifier) => Number(modifier.at(-1)));
  if (new Set(psks).size < psks.length || psks.some((psk) => psk > messages.length)) {
    throw new RangeError(`the handshake pattern ${name} has a modifier that does not fit`);
  }
  for (const psk of psks) addPsk(messages, psk);
  return {
    name,
    initiatorKnown: before.includes("-> s"),
    responderKnown: before.includes("<- s"),
    messages,
    pskCount: psks.length,
    oneWay: base.length === 1,
  };
}

interface MutableMessage extends MessagePattern {
  readonly tokens: Token[];
}

function readMessage(notation: string): MutableMessage {
  const [arrow, ...tokens] = notation.split(" ");
  return { fromInitiator: arrow === "->", tokens: tokens as Token[] };
}

/** `psk0` opens the first message; any other closes the message of its number (section 9.4). */
function addPsk(messages: readonly MutableMessage[], psk: number): void {
  if (psk === 0) messages[0].tokens.unshift("psk");
  else messages[psk - 1].tokens.push("psk");
}
