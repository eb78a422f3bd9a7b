/** The page: joins what a person does, the channel, and what is shown. */
import type { ClientSettings } from "../client_settings.ts";
import { CHOICES, expectations } from "./choices.ts";
import { type Connection, openConnection } from "./connection.ts";
import { byId } from "./dom.ts";
import { identityOf } from "./identity.ts";
import { type Chosen, showRefusal, showState, startConnectPanel } from "./panels/connect_panel.ts";
import { clearFiles, deliver, startFilePanel } from "./panels/file_panel.ts";
import { HandshakePanel } from "./panels/handshake_panel.ts";
import { clearIdentity, showIdentity } from "./panels/identity_panel.ts";
import { allowSending, clearMessages, exchange, startMessagesPanel } from "./panels/messages_panel.ts";
import { TrafficPanel } from "./panels/traffic_panel.ts";
import { sampleFile } from "./sample.ts";
import { sendFile } from "./send_file.ts";

const settings: ClientSettings = await (await fetch("settings.json")).json();
const handshake = new HandshakePanel();
const traffic = new TrafficPanel();
let current: Connection | undefined;
/** Messages and files go one after the other, so that what is on the wire belongs to one of them. */
let sending: Promise<void> = Promise.resolve();

startConnectPanel((chosen) => void connect(chosen), () => void disconnect());
startMessagesPanel((text) => queue((connection) => exchange(connection, text)));
startFilePanel((file) => queue(({ channel }) => deliver(channel, file, () => traffic.changed())));
byId("compare").addEventListener("click", () => void compare());

async function connect({ choice, knowledge }: Chosen): Promise<void> {
  await disconnect();
  showState("busy", "Connecting…");
  clearIdentity();
  clearMessages();
  clearFiles();
  const known = expectations(settings, knowledge);
  const steps = choice.steps();
  const attempt = { choice, knowledge, known };
  try {
    const connection = await openConnection(
      choice.security(known, knowledge),
      (chunk) => steps.read(chunk).forEach((step) => handshake.add(step)),
      (at) => handshake.begin(at),
    );
    adopt(choice.id, connection);
    const identity = identityOf({ ...attempt, shown: steps.identity, connected: true });
    if (identity) showIdentity(identity);
  } catch (error) {
    showRefusal(error);
    const identity = identityOf({ ...attempt, shown: steps.identity, connected: false });
    if (identity) showIdentity(identity);
  }
}

/** Takes a connection into use. */
function adopt(choice: string, connection: Connection): void {
  const { channel, wire } = connection;
  current = connection;
  wire.listen = () => {};
  handshake.agreed(channel.info);
  traffic.follow(choice, channel);
  const { authenticated } = channel.info;
  showState("connected", authenticated ? "Connected; the server is authenticated." : "Connected; nobody is authenticated.");
  allowSending(true);
  channel.closed.then(
    () => ended(connection, () => showState("idle", "Closed in order.")),
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
  await current?.channel.close().catch(() => {}); // `closed` tells
}

/** Does some work on the connection when what was asked for before is done. A fault of the channel shows at its end. */
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
      const [knowledge] = choice.knowledge;
      const { channel } = await openConnection(choice.security(settings, knowledge));
      traffic.follow(choice.id, channel);
      await sendFile(channel, sampleFile(), () => traffic.changed());
      await channel.close();
    }
    status.textContent = "Sent in every setting.";
  } catch {
    status.textContent = "The server does not answer.";
  } finally {
    button.disabled = false;
  }
}
