/** One step of a handshake, as the page shows it. */
import type { Direction, WireChunk } from "./tap.ts";

/** A handshake message, or something else that is sent in its place. */
export interface Step {
  readonly direction: Direction;
  /** When its last byte passed, by `performance.now()`. */
  readonly at: number;
  readonly name: string;
  /** One sentence that says what it is for. */
  readonly note: string;
  /** Its bytes on the wire; the record's header goes to the first message of a record. */
  readonly bytes: Uint8Array;
  /** Whether it is encrypted on the wire. */
  readonly encrypted?: boolean;
  /** The plaintext of the message, if it was encrypted and the client's key log decrypts it. */
  readonly opened?: Uint8Array;
  /** Whether it ends the attempt. */
  readonly refusal?: boolean;
}

/** Finds the steps in what passes by. */
export interface StepReader {
  /** Returns the steps that are complete with these bytes. */
  read(chunk: WireChunk): Step[];
  /** Takes a line of the client's key log; returns the steps that it makes readable. */
  learn(line: string): Step[];
  /** The server's identity: the DER of its certificates, or of its raw public key. */
  readonly identity?: readonly Uint8Array[] | undefined;
}

/** Joins two pieces of bytes. */
export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
