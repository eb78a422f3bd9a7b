/** Describes a side of a protocol as a table: its reaction to every message in each state. */
import type { Outcome } from "../_kit/replay.ts";

/** The reaction of a side to an input. */
export type Answer =
  /** The input is accepted, and the handshake or session continues. */
  | "taken"
  /** The input is ignored. */
  | "ignored"
  /** The input ends the session in order. */
  | "end"
  /** The input is incomplete when the transport ends. */
  | "truncated"
  /** The input is the peer's alert or refusal, and ends the session with an error. */
  | "peer's error"
  /** The input is refused, with this alert or, in a protocol without alerts, with this error. */
  | (string & Record<never, never>);

/** A side of a protocol. */
export interface Machine {
  readonly title: string;
  readonly states: readonly string[];
  readonly inputs: readonly string[];
  /** Brings the side to a state, gives it an input, and returns its reaction. */
  readonly feed: (state: number, input: number) => Promise<Outcome>;
  /** The reactions that the specification allows. */
  readonly allowed: (state: number, input: number) => readonly Answer[];
}

/** The reactions of the side, by input and state. */
export async function measure(machine: Machine): Promise<Answer[][]> {
  const { states, inputs, feed, allowed } = machine;
  const rows: Answer[][] = [];
  for (const input of inputs.keys()) {
    const row: Answer[] = [];
    for (const state of states.keys()) row.push(answerOf(await feed(state, input), allowed(state, input)));
    rows.push(row);
  }
  return rows;
}

/**
 * The transport ends after every input. A side that then reports a truncation has accepted or ignored the input, or waits
 * for the rest of it.
 */
function answerOf({ error }: Outcome, allowed: readonly Answer[]): Answer {
  if (error === undefined) return "end";
  if (error.code === "truncated") {
    return (["ignored", "truncated"] as const).find((answer) => allowed.includes(answer)) ?? "taken";
  }
  if (error.direction === "received") return "peer's error";
  return error.alert ?? error.code;
}

/** Returns the table in Markdown. */
export function tableOf({ title, states, inputs }: Machine, answers: readonly (readonly Answer[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    `### ${title}`,
    "",
    line(["", ...states]),
    line(["---", ...states.map(() => "---")]),
    ...answers.map((row, i) => line([inputs[i], ...row.map(cellOf)])),
    "",
  ].join("\n");
}

function cellOf(answer: Answer): string {
  if (answer === "unexpected_message") return "·";
  return ["taken", "end"].includes(answer) ? `**${answer}**` : answer;
}
