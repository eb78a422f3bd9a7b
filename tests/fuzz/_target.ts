/** The interface of fuzzing targets, and their allowed results. */

import { ChannelError } from "../../src/errors.ts";

/** A parser or a whole conversation that receives hostile bytes. */
export interface FuzzTarget {
  readonly name: string;
  /** Well-formed inputs, from which mutations start. */
  readonly seeds: readonly Uint8Array[];
  /** Reads an input. It refuses an input with a ChannelError or an error that `refuses` accepts. */
  readonly run: (input: Uint8Array) => unknown;
  /** Returns whether an error other than a ChannelError is a refusal, as for the tool's files. */
  readonly refuses?: (error: unknown) => boolean;
  /** The structure of inputs, if they are not plain bytes. */
  readonly structure?: "der";
  /** Whether each run is a whole conversation, which takes milliseconds. */
  readonly isConversation?: true;
}

/** The result of an input. */
export type Verdict = "read" | "refused";

const PROTOTYPES = [Object, Array, Function, Map, Promise, Uint8Array, String].map(({ prototype }) =>
  prototype
);
const members = (): string => PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).length).join();
const MEMBERS = members();

/**
 * Runs a target on an input.
 *
 * @throws Whatever is not a refusal: an untyped error, a wrong result, a changed prototype.
 */
export async function execute(target: FuzzTarget, input: Uint8Array): Promise<Verdict> {
  const verdict = await verdictOf(target, input);
  if (members() !== MEMBERS) throw new Error("a prototype was changed");
  return verdict;
}

async function verdictOf({ run, refuses }: FuzzTarget, input: Uint8Array): Promise<Verdict> {
  try {
    await run(input);
    return "read";
  } catch (error) {
    if (error instanceof ChannelError || refuses?.(error)) return "refused";
    throw error;
  }
}

/** The JSON value that bytes are; undefined where they are none. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
