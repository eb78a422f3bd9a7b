/** One step of a handshake, as the page shows it. */
import type { Direction, WireChunk } from "./tap.ts";

/** A handshake message, or something else that is sent in its place. */
export interface Step {
  readonly direction: Direction;
  /** When its last byte passed, on the clock of `performance.now()`. */
  readonly at: number;
  readonly name: string;
  /** One sentence that says what it is for. */
  readonly note: string;
  /** Its bytes on the wire; the record's header goes to the first message of a record. */
  readonly bytes: Uint8Array;
  /** The message in the clear, where it passed encrypted and the client's key log opened it. */
  readonly opened?: Uint8Array;
  /** Whether it ends the attempt. */
  readonly refusal?: boolean;
}

/** Finds the steps in what passes by. */
export interface StepReader {
  /** The steps that are whole with these bytes. */
  read(chunk: WireChunk): Step[];
  /** Takes a line of the client's key log; returns the steps that can be read because of it. */
  learn(line: string): Step[];
  /** What the server showed of itself: the DER of its certificates, or of its public key alone. */
  readonly identity?: readonly Uint8Array[] | undefined;
}

/** Joins two pieces of bytes. */
export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
