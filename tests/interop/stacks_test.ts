/** The programs of docs/peers.md with their default settings, as peers of this library's clients and servers. */
import { Buffer } from "node:buffer";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { accept, connect } from "../../mod.ts";
import { toUtf8 } from "../../src/bytes.ts";
import { type CertificateError, ChannelError } from "../../src/errors.ts";
import { acceptTls, connectTls, type HandshakeStep, type TlsConnection } from "../../src/tls/mod.ts";
import type { Transport } from "../../src/connection.ts";
import { pattern, readBytes, sendBytes } from "../_kit/exchange.ts";
import { assert, channelError, test, type TestOptions } from "../_kit/mod.ts";
import { freePort, PeerProgram, programThatConnects } from "../_kit/peer.ts";
import {
  type Client,
  KEY_TYPES,
  type KeyType,
  type RunningServer,
  type Server,
  type Stack,
  STACKS,
  startServer,
} from "./_stacks.ts";
import { type Shown, Workshop } from "./_workshop.ts";

const MIB = 2 ** 20;

/** Text in lines of 64 characters, since gnutls-serv gives back lines. */
const data = pattern(MIB, 12).map((byte, i) => i % 64 === 63 ? 0x0a : 0x21 + byte % 90);

let shared: Workshop | undefined;
const workshop = (): Workshop => shared ??= new Workshop();

for (const stack of STACKS) {
  const options: TestOptions = { needs: ["openssl", ...stack.needs], on: ["node"] };
  const { client, server } = stack;
  if (client) {
    test(
      `${stack.name}, a client with its defaults: 1 MiB each way, orderly close, keys of every type`,
      options,
      async () => {
        for (const type of KEY_TYPES) await serveOne(stack, client, type);
      },
    );
    test(
      `${stack.name}, a client with its defaults: refuses another name and another authority`,
      options,
      async () => {
        for (const shown of ["other_name", "other_authority"] as const) await beRefused(stack, client, shown);
      },
    );
  }
  if (server) {
    test(
      `${stack.name}, a server with its defaults: 1 MiB each way, orderly close, keys of every type`,
      options,
      async () => {
        for (const type of KEY_TYPES) {
          await using running = await startServer(server, workshop().folderFor(stack, type));
          if (type === "rsa") await refuse(running);
          await exchange(running, server);
        }
      },
    );
  }
}

test("Go 1.24, both ends with their defaults: X25519MLKEM768", {
  needs: ["openssl", "go 1.24"],
  on: ["node"],
}, async () => {
  const go = STACKS.find(({ name }) => name === "Go")!;
  await serveOne(go, { ...go.client!, group: "X25519MLKEM768" }, "p256");
  await using running = await startServer(go.server!, workshop().folderFor(go, "p256"));
  await exchange(running, { ...go.server!, group: "X25519MLKEM768" });
});

const HALF_CLOSE = join(dirname(fileURLToPath(import.meta.url)), "half_close.go");

test("Go, TLS 1.3 and 1.2: either side answers after the other's end, by a TLS connection and by a channel", {
  needs: ["openssl", "go"],
  on: ["node"],
}, async () => {
  const go = { name: "Go's CloseWrite", needs: [], prepare: [["go", "build", HALF_CLOSE]] };
  const cwd = workshop().folderFor(go, "p256");
  const credentials = workshop().credentials("p256", "certificate");
  const verified = { roots: [workshop().authority()], serverName: "localhost" };
  const ordinary = { setting: "certificate", ordinaryPeers: true } as const;
  const ends: readonly [(server: Transport) => Promise<Ends>, (client: Transport) => Promise<Ends>][] = [
    [
      (server) => connectTls(server, verified),
      (client) => acceptTls(client, { credentials: [credentials] }),
    ],
    [
      (server) => connect(server, { security: { ...ordinary, ...verified } }),
      (client) => accept(client, { security: [{ ...ordinary, ...credentials }] }),
    ],
  ];
  for (const version of ["1.3", "1.2"]) {
    for (const order of ["first", "last"] as const) {
      for (const [connected, accepted] of ends) {
        const port = await freePort();
        await using server = new PeerProgram(["./half_close", "server", order, version, `${port}`], { cwd });
        await endInTurn(await connected(await server.dial(port)), server, order);
        const command = (port: number) => ["./half_close", "client", order, version, `${port}`];
        const { program, transport } = await programThatConnects(command, { cwd });
        await using client = program;
        await endInTurn(await accepted(transport), client, order);
      }
    }
  }
});

/** A connection of TLS, or a channel. */
type Ends = Pick<TlsConnection, "readable" | "closed"> & { readonly writable: WritableStream };

/** Asks a program that answers after this side's end; or answers one that has ended. */
async function endInTurn(side: Ends, program: PeerProgram, programEnds: "first" | "last"): Promise<void> {
  const [here, there] = programEnds === "first" ? ["answer", "question"] : ["question", "answer"];
  const say = async () => {
    const writer = side.writable.getWriter();
    await writer.write(toUtf8(here));
    await writer.close();
  };
  if (programEnds === "last") await say();
  assert.deepEqual(await readBytes(side.readable, Infinity), toUtf8(there));
  if (programEnds === "first") await say();
  await side.closed;
  assert.equal(await program.exitCode(), 0, program.errors);
  assert.equal(`${Buffer.from(await program.output())}`, here);
}

/** Counts the ClientHello messages of a client. There are two if the server requests another key share. */
class Hellos {
  count = 0;
  readonly trace = ({ message }: HandshakeStep): void =>
    void (this.count += message === "ClientHello" ? 1 : 0);

  /** Checks that the server accepted one of the first key shares, and the group if it is known. */
  check({ info }: TlsConnection, group: string | undefined): void {
    assert.equal(this.count, 1);
    if (group) assert.equal(info.group, group);
  }
}

/** Sends a client of another stack its own data back. */
async function serveOne(stack: Stack, client: Client, type: KeyType): Promise<void> {
  const { program, transport } = await startClient(stack, client, type);
  await using peer = program;
  const hellos = new Hellos();
  const connection = await acceptTls(transport, {
    credentials: [workshop().credentials(type, "certificate")],
    trace: hellos.trace,
  });
  hellos.check(connection, client.group);
  await (client.http ? answerPost : giveBack)(connection);
  if (!client.closes) await peer.output(MIB); // gnutls-cli prints byte by byte
  await connection.close();
  await connection.closed;
  assert.equal(await peer.exitCode(), 0, `${type}: ${peer.errors}`);
  const output = Buffer.from(await peer.output());
  assert.ok(output.includes(data), `${type}: the client printed ${output.length} other bytes`);
}

/**
 * Shows a client a certificate that it must refuse. The client sends no data, and ends with or without an alert, or with a
 * reset if it leaves some bytes unread.
 */
async function beRefused(stack: Stack, client: Client, shown: Shown): Promise<void> {
  const { program, transport } = await startClient(stack, client, "rsa");
  await using peer = program;
  try {
    const connection = await acceptTls(transport, {
      credentials: [workshop().credentials("rsa", shown)],
    });
    assert.equal((await readBytes(connection.readable, 1)).length, 0, shown);
    await connection.close();
  } catch (error) {
    const refused = error instanceof ChannelError && ["alert", "truncated", "transport"].includes(error.code);
    assert.ok(refused, `${shown}: ${error}`);
  }
  assert.notEqual(await peer.exitCode(), 0, `${shown}: ${peer.errors}`);
}

async function startClient(
  stack: Stack,
  { command, closes }: Client,
  type: KeyType,
): Promise<{ program: PeerProgram; transport: Transport }> {
  const cwd = workshop().folderFor(stack, type);
  const started = await programThatConnects(command, { cwd, ...(closes && { input: data }) });
  if (!closes) started.program.input(data);
  return started;
}

async function giveBack(connection: TlsConnection): Promise<void> {
  const received = await readBytes(connection.readable, data.length);
  assert.deepEqual(received, data);
  await sendBytes(connection, received);
}

/** Answers one POST request with its body. */
async function answerPost(connection: TlsConnection): Promise<void> {
  let request = Buffer.alloc(0);
  let body = 0;
  for await (const chunk of connection.readable.values({ preventCancel: true })) {
    request = Buffer.concat([request, chunk]);
    if (body === 0 && request.includes("\r\n\r\n")) {
      body = request.indexOf("\r\n\r\n") + 4;
      await sendBytes(connection, toUtf8("HTTP/1.1 100 Continue\r\n\r\n")); // for which curl waits
    }
    if (body > 0 && request.length >= body + data.length) break;
  }
  assert.deepEqual(request.subarray(body), data);
  await sendBytes(connection, toUtf8(`HTTP/1.1 200 OK\r\nContent-Length: ${data.length}\r\n\r\n`));
  await sendBytes(connection, data);
}

/** Refuses a server of another stack because of its name, and because of its CA. */
async function refuse(server: RunningServer): Promise<void> {
  for (
    const [authority, serverName, reason] of [
      ["ca", "elsewhere.example", "name_mismatch"],
      ["stranger", "localhost", "no_path"],
    ] as const
  ) {
    const transport = await server.dial();
    const roots = [workshop().authority(authority)];
    const error = await channelError(
      () => connectTls(transport, { roots, serverName }),
      "certificate",
    );
    assert.equal((error as CertificateError).reason, reason);
  }
}

/** Sends data to a server of another stack, which sends it back. */
async function exchange({ program, dial }: RunningServer, { answers, group }: Server): Promise<void> {
  const hellos = new Hellos();
  const connection = await connectTls(await dial(), {
    roots: [workshop().authority()],
    serverName: "localhost",
    trace: hellos.trace,
  });
  hellos.check(connection, group);
  if (answers === "standard input") program!.input(data);
  const step = answers === "lines" ? 16_384 : MIB; // gnutls-serv reads on when it has given back what it has
  for (let i = 0; i < data.length; i += step) {
    const part = data.subarray(i, i + step);
    const [answer] = await Promise.all([readBytes(connection.readable, step), sendBytes(connection, part)]);
    assert.deepEqual(answer, part);
  }
  if (answers === "standard input") assert.deepEqual(await program!.output(MIB), data);
  await connection.close();
  await connection.closed;
  if (answers === "echo") await program!.says("closed in order");
}
