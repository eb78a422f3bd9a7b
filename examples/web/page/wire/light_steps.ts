/** The handshakes of `native` and `off`: a preface, the server's answer, and with `native` two Noise messages. */
import { joined, type Step, type StepReader } from "./step.ts";
import type { Direction, WireChunk } from "./tap.ts";

type Part = readonly [length: number, name: string, note: string];
type Script = Readonly<Record<Direction, readonly Part[]>>;

/** With a pinned server key: the pattern NK (Noise specification, section 7.5). */
export const NATIVE_SCRIPT: Script = {
  sent: [
    [7, "Preface", "“FESA”, version 1: native with a pinned key, compressed."],
    [48, "Noise message 1: e, es", "The client's fresh key, mixed with the server's pinned one."],
  ],
  received: [
    [1, "Answer", "One byte: accepted."],
    [49, "Noise message 2: e, ee", "The server's fresh key: only the holder of the pinned key can make it."],
  ],
};

/** Negotiates compression, and nothing else. */
export const OFF_SCRIPT: Script = {
  sent: [[7, "Preface", "“FESA”, version 1: off, no protection at all."]],
  received: [[1, "Answer", "One byte: accepted."], [1, "Compression", "One byte: none."]],
};

const REFUSALS = [
  "",
  "another version",
  "not offered",
  "another dictionary",
  "another key",
  "client not accepted",
];

/** Reads both directions by their known lengths. */
export class LightSteps implements StepReader {
  readonly #left: Record<Direction, Part[]>;
  readonly #pending: Record<Direction, Uint8Array> = { sent: new Uint8Array(0), received: new Uint8Array(0) };

  constructor({ sent, received }: Script) {
    this.#left = { sent: [...sent], received: [...received] };
  }

  read({ direction, bytes, at }: WireChunk): Step[] {
    const left = this.#left[direction];
    const steps: Step[] = [];
    let pending = joined(this.#pending[direction], bytes);
    while (left.length > 0 && pending.length >= left[0][0]) {
      const [length, name, note] = left.shift()!;
      steps.push({ direction, at, name, note, bytes: pending.subarray(0, length) });
      pending = pending.subarray(length);
    }
    this.#pending[direction] = pending;
    return steps.map(refusalSeen);
  }

  /** Does nothing: these settings have no key log. */
  learn(): Step[] {
    return [];
  }
}

/** Any answer other than zero is a refusal. */
function refusalSeen(step: Step): Step {
  if (step.name !== "Answer" || step.bytes[0] === 0) return step;
  const reason = REFUSALS[step.bytes[0]] ?? "unknown";
  return { ...step, name: `Answer: refused, ${reason}`, note: "The server ends the attempt.", refusal: true };
}
