/** The page: connects the form, the channel, and the panels. */
import type { ClientSettings } from "../client_settings.ts";
import { type Choice, CHOICES, expectations } from "./choices.ts";
import { type Connection, openConnection } from "./connection.ts";
import { byId } from "./dom.ts";
import { identityOf } from "./identity.ts";
import {
  type Chosen,
  showRefusal,
  showResult,
  showState,
  startConnectPanel,
} from "./panels/connect_panel.ts";
import { clearFiles, deliver, startFilePanel } from "./panels/file_panel.ts";
import { HandshakePanel } from "./panels/handshake_panel.ts";
import { clearIdentity, showIdentity } from "./panels/identity_panel.ts";
import { allowSending, clearMessages, exchange, startMessagesPanel } from "./panels/messages_panel.ts";
import { TrafficPanel } from "./panels/traffic_panel.ts";
import { sampleFile } from "./sample.ts";
import { sendFile } from "./send_file.ts";
import type { WireChunk } from "./wire/tap.ts";

const settings: ClientSettings = await (await fetch("settings.json")).json();
const handshake = new HandshakePanel();
const traffic = new TrafficPanel();
let current: Connection | undefined;
let connecting = false;
/** Messages and files are sent one after the other, so that the bytes on the wire belong to one of them. */
let sending: Promise<void> = Promise.resolve();

startConnectPanel(
  (chosen) => {
    if (connecting) return;
    connecting = true;
    void connect(chosen).finally(() => connecting = false);
  },
  () => void disconnect(),
);
startMessagesPanel((text) => queue((connection) => exchange(connection, text)));
startFilePanel((file) => queue((connection) => deliver(connection, file, () => traffic.changed())));
byId("compare").addEventListener("click", () => void compare());

async function connect({ choice, exchange, knowledge }: Chosen): Promise<void> {
  showState("busy", "Connecting…");
  await leave();
  clearAll();
  const known = expectations(settings, exchange, knowledge);
  const steps = choice.steps(exchange);
  let answered = false;
  const look = (chunk: WireChunk) => {
    answered ||= chunk.direction === "received";
    steps.read(chunk).forEach((step) => handshake.add(step));
  };
  const keyLog = (line: string) => steps.learn(line).forEach((step) => handshake.add(step));
  try {
    const security = choice.security({ known, knowledge, exchange, keyLog });
    adopt(choice, await openConnection(exchange.path, security, look, (at) => handshake.begin(at)));
  } catch (error) {
    showRefusal(error);
  }
  if (answered) {
    const connected = current !== undefined;
    const identity = identityOf({ choice, exchange, knowledge, known, shown: steps.identity, connected });
    if (identity) showIdentity(identity);
  }
  showResult();
}

/** Clears what is shown of the previous connection, except the traffic. */
function clearAll(): void {
  handshake.clear();
  clearIdentity();
  clearMessages();
  clearFiles();
}

/** Makes a new connection the current one. */
function adopt({ id, name }: Choice, connection: Connection): void {
  const { channel, wire } = connection;
  const { authenticated } = channel.info;
  current = connection;
  wire.listen = () => {};
  handshake.agreed(channel.info);
  traffic.follow(id, channel);
  if (authenticated) showState("connected", `Connected: ${name}. The server is authenticated.`);
  else showState("unproven", `Connected: ${name}. The server is not authenticated.`);
  allowSending(true);
  channel.closed.then(
    () => ended(connection, () => showState("idle", "The server closed in order.")),
    (error) => ended(connection, () => showRefusal(error)),
  );
}

function ended(connection: Connection, show: () => void): void {
  if (connection !== current) return;
  current = undefined;
  allowSending(false);
  show();
}

async function disconnect(): Promise<void> {
  await leave();
  showState("idle", "Closed in order.");
}

/** Closes the current connection, if there is one; ignores an error in closing. */
async function leave(): Promise<void> {
  const connection = current;
  current = undefined;
  allowSending(false);
  await connection?.channel.close().catch(() => {});
}

/** Does some work on the connection after all earlier work. An error of the channel is shown when it ends. */
function queue(work: (connection: Connection) => Promise<void>): void {
  const connection = current;
  if (connection === undefined) return;
  sending = sending.then(() => work(connection)).catch(() => {}).finally(() => traffic.changed());
}

/** Sends the same file in every setting, over connections of their own. */
async function compare(): Promise<void> {
  const button = byId<HTMLButtonElement>("compare");
  const status = byId("compare-status");
  button.disabled = true;
  try {
    for (const choice of CHOICES) {
      status.textContent = `Sending in ${choice.name}…`;
      const { exchanges: [exchange], knowledge: [knowledge] } = choice;
      const security = choice.security({ known: settings, knowledge, exchange });
      const connection = await openConnection(exchange.path, security);
      const { channel } = connection;
      traffic.follow(choice.id, channel);
      await sendFile(connection, sampleFile(), () => traffic.changed());
      await channel.close();
    }
    status.textContent = "Sent in every setting.";
  } catch {
    status.textContent = "The server does not answer.";
  } finally {
    button.disabled = false;
  }
}
