/** The page: connects the form, the channel, and the panels. */
import type { ClientSettings } from "../client_settings.ts";
import { expectations } from "./choices.ts";
import { compareSettings, compareVersions, startComparison } from "./comparisons.ts";
import type { Connection } from "./connection.ts";
import { identityOf } from "./identity.ts";
import { type Chosen, openObserved } from "./observed.ts";
import { showRefusal, showResult, showState, startConnectPanel } from "./panels/connect_panel.ts";
import { clearFiles, deliver, startFilePanel } from "./panels/file_panel.ts";
import { HandshakePanel } from "./panels/handshake_panel.ts";
import { clearIdentity, showIdentity } from "./panels/identity_panel.ts";
import { allowSending, clearMessages, exchange, startMessagesPanel } from "./panels/messages_panel.ts";
import { TrafficPanel } from "./panels/traffic_panel.ts";
import { VersionsPanel } from "./panels/versions_panel.ts";
import type { Step } from "./wire/step.ts";

const settings: ClientSettings = await (await fetch("settings.json")).json();
const handshake = new HandshakePanel();
const versions = new VersionsPanel();
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
startFilePanel((file) => queue((connection) => deliver(connection, file)));
startComparison("connect-both", "Connected in both.", () => compareVersions(settings, versions));
startComparison("compare", "Sent in every setting.", () => compareSettings(settings, traffic));

async function connect(chosen: Chosen): Promise<void> {
  const { choice, exchange, knowledge } = chosen;
  showState("busy", "Connecting…");
  await leave().catch(() => {}); // only the new connection matters
  clearAll();
  const known = expectations(settings, exchange, knowledge);
  const reader = choice.steps(exchange);
  const observer = {
    reader,
    see: (step: Step) => handshake.add(step),
    opened: (at: number) => handshake.begin(at),
  };
  try {
    adopt(chosen.choice.name, await openObserved(chosen, known, observer));
  } catch (error) {
    showRefusal(error);
  }
  if (handshake.answered) {
    const connected = current !== undefined;
    const identity = identityOf({ choice, exchange, knowledge, known, shown: reader.identity, connected });
    if (identity) showIdentity(identity);
  }
  showResult();
}

/** Clears what is shown of the previous connection, except the comparisons. */
function clearAll(): void {
  handshake.clear();
  clearIdentity();
  clearMessages();
  clearFiles();
}

/** Makes a new connection the current one. */
function adopt(name: string, connection: Connection): void {
  const { channel } = connection;
  current = connection;
  handshake.agreed(channel.info);
  versions.show({ info: channel.info, steps: handshake.steps });
  if (channel.info.authenticated) showState("connected", `Connected: ${name}. The server is authenticated.`);
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
  try {
    await leave();
    showState("idle", "Closed in order.");
  } catch (error) {
    showRefusal(error);
  }
}

/** Closes the current connection, if there is one. */
async function leave(): Promise<void> {
  const connection = current;
  current = undefined;
  allowSending(false);
  await connection?.channel.close();
}

/** Does some work on the connection after all earlier work. An error of the channel is shown when it ends. */
function queue(work: (connection: Connection) => Promise<void>): void {
  const connection = current;
  if (connection === undefined) return;
  sending = sending.then(() => work(connection)).catch(() => {});
}
