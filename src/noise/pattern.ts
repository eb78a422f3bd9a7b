/** One handshake pattern, read from the notation of the Noise specification (revision 34, sections 7 and 9). */

/** A token: one step of a message (section 7.1). */
export type Token = "e" | "s" | "ee" | "es" | "se" | "ss" | "psk";

/** One handshake message. */
export interface MessagePattern {
  /** Whether the initiator writes it. */
  readonly fromInitiator: boolean;
  /** Its tokens, in order. */
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

/**
 * Reads a pattern.
 *
 * @param name Its name, with modifiers `psk0` to `psk4`, such as `NNpsk0`.
 * @param notation Its messages without modifiers, on one line, such as `-> e <- e ee`.
 * @throws {RangeError} If a modifier does not fit.
 */
export function readPattern(name: string, notation: string): HandshakePattern {
  const [before, after] = notation.includes(" ... ") ? notation.split(" ... ") : ["", notation];
  const messages = after.split(/ (?=->|<-)/).map(readMessage);
  const psks = [...name.matchAll(/psk(\d)/g)].map(([, number]) => Number(number));
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
    oneWay: messages.length === 1,
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
