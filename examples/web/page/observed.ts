/** Opens connections whose handshakes are read off the wire. */
import type { Expectations } from "../client_settings.ts";
import type { Choice, Knowledge } from "./choices.ts";
import { type Connection, openConnection, type Opened } from "./connection.ts";
import type { Exchange } from "./exchanges.ts";
import type { Step, StepReader } from "./wire/step.ts";

/** What a person chose, or a comparison. */
export interface Chosen {
  readonly choice: Choice;
  readonly exchange: Exchange;
  readonly knowledge: Knowledge;
}

/** Who watches a handshake. */
export interface Observer {
  readonly reader: StepReader;
  /** Called with each step. */
  readonly see: (step: Step) => void;
  readonly opened?: Opened;
}

/** Opens a connection, and shows the observer its handshake. */
export async function openObserved(
  { choice, exchange, knowledge }: Chosen,
  known: Expectations,
  { reader, see, opened }: Observer,
): Promise<Connection> {
  const keyLog = (line: string) => reader.learn(line).forEach(see);
  const security = choice.security({ known, knowledge, exchange, keyLog });
  const connection = await openConnection(
    exchange.path,
    security,
    (chunk) => reader.read(chunk).forEach(see),
    opened,
  );
  connection.wire.listen = () => {};
  return connection;
}
