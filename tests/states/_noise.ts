/** The state machines of the native setting, for each Noise pattern. Its messages have no types: what counts is their order and keys. */
import { concat, EMPTY } from "../../src/bytes.ts";
import type { Role } from "../../src/tls/handshake/layer.ts";
import { recordNative } from "../noise/_recording.ts";
import { type Way, WAYS } from "../noise/_ways.ts";
import type { Answer, Machine } from "./_machine.ts";

/** The inputs in place of the expected chunk. */
const INPUTS: Readonly<Record<string, (due: Uint8Array, context: Context) => Uint8Array>> = {
  "what is due": (due) => due,
  "the same with a bit changed": (due) => due.map((byte, i) => i === due.length - 1 ? byte ^ 1 : byte),
  "the same, cut short": (due) => due.subarray(0, -1),
  "nothing: the transport ends": () => EMPTY,
  "what came before, again": (due, { before }) => concat(before, due),
  "what comes next": (_due, { after }) => after,
  "its own message, sent back": (_due, { own }) => own,
  "zeros": (due) => new Uint8Array(due.length),
};

/** The chunks that were sent before and after. */
interface Context {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly own: Uint8Array;
}

async function machinesOf(way: Way): Promise<Machine[]> {
  const { to, replay } = await recordNative(way);
  return (["client", "server"] as const).map((role): Machine => {
    const chunks = to[role];
    const own = to[role === "client" ? "server" : "client"];
    const states = statesOf(role, way);
    const inputs = Object.keys(INPUTS);
    return {
      title: `Noise ${way.pattern}, ${role}`,
      states,
      inputs,
      feed: (state, input) => {
        const context = {
          before: chunks[Math.max(0, state - 1)],
          after: chunks[state + 1] ?? EMPTY,
          own: own[state] ?? EMPTY,
        };
        return replay(role, [...chunks.slice(0, state), INPUTS[inputs[input]](chunks[state], context)]);
      },
      allowed: (state, input) => {
        const [isFirst, isLast] = [state === 0, state === states.length - 1];
        switch (inputs[input]) {
          case "what is due":
            return [isLast ? "end" : "taken"];
          case "the same with a bit changed":
            // The first message of NN and XX is only a key, so another key is just another client.
            return isFirst && role === "server" && ["NN", "XX"].includes(way.pattern)
              ? ["taken"]
              : ["decrypt"];
          case "the same, cut short":
          case "nothing: the transport ends":
            return ["truncated"];
          default:
            return REFUSED;
        }
      },
    };
  });
}

/** A record out of order may be refused only after its length has been read and its bytes have arrived. */
const REFUSED: readonly Answer[] = ["decrypt", "protocol", "crypto", "truncated"];

/** The chunks of the recording: those of the handshake, two of data, and the closing record. */
function statesOf(role: Role, { pattern }: Way): string[] {
  const handshake = role === "client"
    ? ["the answer"]
    : pattern === "XX"
    ? ["the request", "the third message"]
    : ["the request"];
  return [...handshake, "a record", "a record", "the closing record"];
}

/** All state machines of the native setting. */
export async function noiseMachines(): Promise<Machine[]> {
  return (await Promise.all(WAYS.map(machinesOf))).flat();
}
