/** Records sessions of the native setting, and replays one side against other bytes. */
import { concat } from "../../src/bytes.ts";
import { ChannelError } from "../../src/errors.ts";
import { connectNative } from "../../src/noise/client.ts";
import { acceptNative } from "../../src/noise/server.ts";
import { chaChaPolyOperations } from "../../src/platform/noise_chacha.ts";
import type { Session } from "../../src/session.ts";
import type { Role } from "../../src/tls/handshake/layer.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { Wire } from "../../src/wire.ts";
import { CLIENT_DATA, fixedRandom, oneSided, type Outcome, SERVER_DATA, tapped } from "../_kit/replay.ts";
import type { Way } from "./_ways.ts";

/** The bytes that each side of a session received, and both sides, which can be replayed with other bytes. */
export interface NativeRecording {
  readonly to: Readonly<Record<Role, readonly Uint8Array[]>>;
  readonly replay: (role: Role, chunks: Iterable<Uint8Array>) => Promise<Outcome>;
}

/** Records a session between two sides with the keys of this pattern. */
export async function recordNative(way: Way): Promise<NativeRecording> {
  const common = {
    cipher: "ChaChaPoly",
    operations: chaChaPolyOperations("platform"),
    compression: { mode: "off" },
  } as const;
  const open: Readonly<Record<Role, (wire: Wire) => Promise<Session>>> = {
    client: (wire) => connectNative(wire, { ...common, identity: way.client, random: fixedRandom(1) }),
    server: async (wire) =>
      (await acceptNative(wire, [{ ...common, identity: way.server, random: fixedRandom(2) }])).session,
  };
  const [near, far] = memoryPair();
  const to = { client: [] as Uint8Array[], server: [] as Uint8Array[] };
  const [client, server] = await Promise.all([
    open.client(new Wire(tapped(near, to.server))),
    open.server(new Wire(tapped(far, to.client))),
  ]);
  await Promise.all([say(client, CLIENT_DATA), say(server, SERVER_DATA), hear(client), hear(server)]);
  return { to, replay: (role, chunks) => heard(open[role], chunks) };
}

/** The data that one side receives from these chunks, and how it ends. */
export async function heard(
  open: (wire: Wire) => Promise<Session>,
  chunks: Iterable<Uint8Array>,
): Promise<Outcome> {
  const data: Uint8Array[] = [];
  try {
    const session = await open(new Wire(oneSided(chunks)));
    for (let bytes = await session.read(); bytes !== null; bytes = await session.read()) data.push(bytes);
    return { data: concat(...data), error: undefined };
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    return { data: concat(...data), error };
  }
}

async function say(session: Session, parts: readonly Uint8Array[]): Promise<void> {
  for (const part of parts) await session.write([part]);
  await session.close();
}

async function hear(session: Session): Promise<void> {
  while (await session.read() !== null);
}
