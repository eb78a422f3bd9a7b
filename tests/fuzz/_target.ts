/** What hostile bytes are fed to, and what may come out. */

import { ChannelError } from "../../src/errors.ts";

/** A parser, or a whole conversation, that takes bytes of somebody hostile. */
export interface FuzzTarget {
  readonly name: string;
  /** Well-formed inputs, which mutations begin with. */
  readonly seeds: readonly Uint8Array[];
  /** Reads an input; a ChannelError, or what `refuses` takes, is how it refuses one. */
  readonly run: (input: Uint8Array) => unknown;
  /** Whether another error than a ChannelError is how this target refuses: the tool's own files. */
  readonly refuses?: (error: unknown) => boolean;
  /** What inputs are made of, if they are not bytes alone. */
  readonly structure?: "der";
  /** Whether each run is a whole conversation, which takes milliseconds. */
  readonly isConversation?: true;
}

/** What became of an input. */
export type Verdict = "read" | "refused";

const PROTOTYPES = [Object, Array, Function, Map, Promise, Uint8Array, String].map(({ prototype }) =>
  prototype
);
const members = (): string => PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).length).join();
const MEMBERS = members();

/**
 * Feeds an input to a target.
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
