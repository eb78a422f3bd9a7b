/** A side of a protocol as a table: what it makes of every message in each of its states. */
import type { Outcome } from "../_kit/replay.ts";

/** What a side makes of an input. */
export type Answer =
  /** It is taken, and the handshake or the session goes on. */
  | "taken"
  /** It is let pass without effect. */
  | "ignored"
  /** It ends the session in order. */
  | "end"
  /** It is not whole, and the transport ends. */
  | "truncated"
  /** It is the peer's own alert or refusal, and ends the session with an error. */
  | "peer's error"
  /** The alert or, where a protocol has none, the error that answers it. */
  | (string & Record<never, never>);

/** A side of a protocol. */
export interface Machine {
  readonly title: string;
  readonly states: readonly string[];
  readonly inputs: readonly string[];
  /** Gives the side everything up to a state and then an input, and tells what comes of it. */
  readonly feed: (state: number, input: number) => Promise<Outcome>;
  /** The answers that its specification allows. */
  readonly allowed: (state: number, input: number) => readonly Answer[];
}

/** What the side does, by inputs and states. */
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

/** After every input the transport ends: a side that then misses something has taken the input, let it pass, or waits for its rest. */
function answerOf({ error }: Outcome, allowed: readonly Answer[]): Answer {
  if (error === undefined) return "end";
  if (error.code === "truncated") {
    return (["ignored", "truncated"] as const).find((answer) => allowed.includes(answer)) ?? "taken";
  }
  if (error.direction === "received") return "peer's error";
  return error.alert ?? error.code;
}

/** The table in Markdown. */
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
