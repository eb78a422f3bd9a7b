/** docs/state-machines.md. */
import { type Answer, type Machine, tableOf } from "./_machine.ts";
import { noiseMachines } from "./_noise.ts";
import { tlsMachines } from "./_tls.ts";

const HEAD = `# State machines

What each side makes of every message, in each of its states. The columns are the states, by what the side waits for. \`npm run states\`
measures this and writes it; a test measures it again and holds it against the specifications.

| cell         | means                                                                                              |
| ------------ | -------------------------------------------------------------------------------------------------- |
| **taken**    | the handshake or the session goes on                                                               |
| **end**      | the session ends in order                                                                          |
| truncated    | it is not whole; here the transport ends, which is an error                                        |
| ignored      | nothing comes of it; too many of it are answered by \`unexpected_message\`                           |
| peer's error | the peer says that it ends the session: one error, and no alert in return                          |
| ·            | the fatal alert \`unexpected_message\`                                                               |
| a name       | that alert is sent; for Noise, which has none, the error's code: the transport ends without a word |
`;

/** A machine and what was measured. */
export interface Measured {
  readonly machine: Machine;
  readonly answers: readonly (readonly Answer[])[];
}

/** Every machine. */
export async function machines(): Promise<readonly Machine[]> {
  return [...await tlsMachines(), ...await noiseMachines()];
}

/** The document, its tables as narrow as can be. */
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
