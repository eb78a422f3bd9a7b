/** Reads handshake patterns from the notation of the Noise specification (revision 34, sections 7 and 9). */

/** A token: one step of a message (section 7.1). */
export type Token = "e" | "s" | "ee" | "es" | "se" | "ss" | "psk";

/** One handshake message. */
export interface MessagePattern {
  /** Whether the initiator writes the message. */
  readonly fromInitiator: boolean;
  /** The tokens of the message, in order. */
  readonly tokens: readonly Token[];
}

/** A handshake pattern, with its modifiers applied. */
export interface HandshakePattern {
  /** The name with its modifiers, such as `NNpsk0`. */
  readonly name: string;
  /** Whether the responder knows the initiator's static key beforehand (a pre-message). */
  readonly initiatorKnown: boolean;
  /** Whether the initiator knows the responder's static key beforehand. */
  readonly responderKnown: boolean;
  /** The messages, alternately from the initiator and from the responder. */
  readonly messages: readonly MessagePattern[];
  /** The number of pre-shared keys that the pattern uses. */
  readonly pskCount: number;
  /** Whether only the initiator sends data (section 7.4). */
  readonly oneWay: boolean;
}

/**
 * Reads a pattern.
 *
 * @param name The name of the pattern, optionally with modifiers `psk0` to `psk4`, such as `NNpsk0`.
 * @param notation The messages without modifiers, on one line, such as `-> e <- e ee`.
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

/**
 * Adds a `psk` token. `psk0` is at the beginning of the first message, any other modifier at the end of the message with its
 * number (section 9.4).
 */
function addPsk(messages: readonly MutableMessage[], psk: number): void {
  if (psk === 0) messages[0].tokens.unshift("psk");
  else messages[psk - 1].tokens.push("psk");
}
