/** Writes docs/state-machines.md. */
import { type Answer, type Machine, tableOf } from "./_machine.ts";
import { noiseMachines } from "./_noise.ts";
import { tlsMachines } from "./_tls.ts";

const HEAD = `# State machines

How each side answers every message in every state. Each column is a state, named by the message that the side waits for. \`npm run states\`
measures this and writes the page; a test measures it again and compares it with the specifications.

| cell         | means                                                                                              |
| ------------ | -------------------------------------------------------------------------------------------------- |
| **taken**    | the message is accepted, and the handshake or the session goes on                                                               |
| **end**      | the session ends in order                                                                          |
| truncated    | the message is incomplete, and the transport ends after it: an error                                        |
| ignored      | the message has no effect; too many of them are answered with \`unexpected_message\`                           |
| peer's error | the message ends the session with one error, and no alert is sent in return                          |
| ·            | the fatal alert \`unexpected_message\`                                                               |
| a name       | that alert is sent; for Noise, which has no alerts, it is the error's code, and the transport ends without an answer |

A side reads the next message only when it waits for one. So a message that arrives too early in a record of its own, such as a ClientKeyExchange that was
sent before the ServerHello, is judged in the state in which it is read; over a network it cannot be told from one that came in time. What follows a
ClientHello, or the last message under one key, in the same record is refused.
`;

/** A state machine and its measured table. */
export interface Measured {
  readonly machine: Machine;
  readonly answers: readonly (readonly Answer[])[];
}

/** All state machines. */
export async function machines(): Promise<readonly Machine[]> {
  return [...await tlsMachines(), ...await noiseMachines()];
}

/** Returns the document, with tables without padding. */
export function documentOf(tables: readonly Measured[]): string {
  const sections = [["TLS", /^TLS/], ["Noise, the setting `native`", /^Noise/]] as const;
  return [
    HEAD,
    ...sections.flatMap(([name, title]) => [
      `## ${name}\n`,
      ...tables.filter(({ machine }) => title.test(machine.title)).map(({ machine, answers }) =>
        tableOf(machine, answers)
      ),
    ]),
  ].join("\n");
}
