/** The programs of docs/peers.md, each a peer with its default settings, against both ends of this library. */
import { spawnSync } from "node:child_process";
import { Buffer } from "node:buffer";
import { type CertificateError, ChannelError } from "../../src/errors.ts";
import { toUtf8 } from "../../src/bytes.ts";
import { acceptTls, connectTls, type TlsConnection } from "../../src/tls/mod.ts";
import { assertSameBytes, pattern, readBytes, sendBytes } from "../_kit/exchange.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { type PeerProgram, programThatConnects } from "../_kit/peer.ts";
import { KEY_TYPES, type KeyType, type Stack, STACKS, startServer } from "./_stacks.ts";
import { type Shown, Workshop } from "./_workshop.ts";

const MIB = 2 ** 20;

/** Text in lines of 64 characters, since gnutls-serv gives back lines. */
const data = pattern(MIB, 12).map((byte, i) => i % 64 === 63 ? 0x0a : 0x21 + byte % 90);

for (const stack of STACKS) {
  const { name, needs, client, server } = stack;
  if (client) {
    test(`${name} as client, with its defaults: 1 MiB each way, orderly close, keys of every type`, {
      ...{ needs: ["openssl", ...needs], on: ["node"], timeout: 120_000 },
    }, async () => {
      using workshop = new Workshop();
      for (const type of KEY_TYPES) await serveOne(workshop, stack, type);
    });

    test(`${name} as client, with its defaults: refuses another name and another authority`, {
      ...{ needs: ["openssl", ...needs], on: ["node"], timeout: 120_000 },
    }, async () => {
      using workshop = new Workshop();
      for (const shown of ["other_name", "other_authority"] as const) await beRefused(workshop, stack, shown);
    });
  }
  if (server) {
    test(
      `${name} as server, with its defaults: 1 MiB each way, orderly close, refusals, keys of every type`,
      {
        ...{ needs: ["openssl", ...needs], on: ["node"], timeout: 120_000 },
      },
      async () => {
        using workshop = new Workshop();
        for (const type of KEY_TYPES) {
          await connectOnce(workshop, stack, type);
        }
        await refuse(workshop, stack);
      },
    );
  }
}

/** Gives a client of another stack what it sends. */
async function serveOne(workshop: Workshop, stack: Stack, type: KeyType): Promise<void> {
  const { program, transport } = await startClient(workshop, stack, type);
  await using peer = program;
  const connection = await acceptTls(transport, { credentials: [workshop.credentials(type, "certificate")] });
  await (stack.client!.http ? answerPost : giveBack)(connection);
  await connection.close();
  await connection.closed;
  assert.equal(await peer.exitCode(), 0, `${type}: ${peer.errors}`);
  const output = Buffer.from(await peer.output());
  assert.ok(output.includes(data), `${type}: the client printed ${output.length} other bytes`);
}

async function giveBack(connection: TlsConnection): Promise<void> {
  const received = await readBytes(connection.readable, data.length);
  assertSameBytes(received, data);
  await sendBytes(connection, received);
}

/** Answers one POST request with its body. */
async function answerPost(connection: TlsConnection): Promise<void> {
  let request = new Uint8Array();
  let body = -1;
  const reader = connection.readable.getReader();
  while (body < 0 || request.length < body + data.length) {
    const { value, done } = await reader.read();
    assert.ok(!done, "the request ends too early");
    request = Buffer.concat([request, value]);
    if (body >= 0) continue;
    body = Buffer.from(request.buffer, request.byteOffset, request.length).indexOf("\r\n\r\n") + 4;
    if (body < 4) body = -1;
    else await sendBytes(connection, toUtf8("HTTP/1.1 100 Continue\r\n\r\n")); // curl waits for it before a long body
  }
  reader.releaseLock();
  assertSameBytes(request.subarray(body), data);
  await sendBytes(connection, toUtf8(`HTTP/1.1 200 OK\r\nContent-Length: ${data.length}\r\n\r\n`));
  await sendBytes(connection, data);
}

/** Shows a client a certificate that it refuses: it sends nothing, whether it says so by an alert or just ends. */
async function beRefused(workshop: Workshop, stack: Stack, shown: Shown): Promise<void> {
  const { program, transport } = await startClient(workshop, stack, "rsa");
  await using peer = program;
  try {
    const connection = await acceptTls(transport, { credentials: [workshop.credentials("rsa", shown)] });
    assert.equal((await readBytes(connection.readable, 1)).length, 0, shown);
    await connection.close();
  } catch (error) {
    const refused = error instanceof ChannelError && ["alert", "truncated"].includes(error.code);
    assert.ok(refused, `${shown}: ${error}`);
  }
  assert.notEqual(await peer.exitCode(), 0, `${shown}: ${peer.errors}`);
}

async function startClient(
  workshop: Workshop,
  { client, build }: Stack,
  type: KeyType,
): Promise<{ program: PeerProgram; transport: Parameters<typeof acceptTls>[0] }> {
  const cwd = workshop.folder(type);
  buildIn(cwd, build);
  const { command, closes } = client!;
  const started = await programThatConnects(command, { cwd, ...(closes && { input: data }) });
  if (!closes) started.program.input(data);
  return started;
}

/** Sends to a server of another stack what it gives back. */
async function connectOnce(workshop: Workshop, stack: Stack, type: KeyType): Promise<void> {
  const cwd = workshop.folder(type);
  buildIn(cwd, stack.build);
  const { answers } = stack.server!;
  await using server = await startServer(stack.server!, cwd);
  const connection = await connectTls(await server.dial(), {
    roots: [workshop.authority()],
    serverName: "localhost",
  });
  if (answers === "standard input") server.program.input(data);
  const step = answers === "lines" ? 16_384 : MIB; // gnutls-serv reads on when it has given back what it has
  for (let i = 0; i < data.length; i += step) {
    const [answer] = await Promise.all([
      readBytes(connection.readable, step),
      sendBytes(connection, data.subarray(i, i + step)),
    ]);
    assertSameBytes(answer, data.subarray(i, i + step));
  }
  if (answers === "standard input") assertSameBytes(await server.program.output(MIB), data);
  await connection.close();
  await connection.closed;
  if (answers === "echo") await server.program.says("closed in order");
}

/** Refuses a server of another stack for its name, and for its authority. */
async function refuse(workshop: Workshop, { server, build }: Stack): Promise<void> {
  const cwd = workshop.folder("rsa");
  buildIn(cwd, build);
  for (
    const [roots, serverName, reason] of [
      [[workshop.authority()], "elsewhere.example", "name_mismatch"],
      [[workshop.authority("stranger")], "localhost", "no_path"],
    ] as const
  ) {
    await using running = await startServer(server!, cwd);
    const transport = await running.dial();
    const error = await channelError(() => connectTls(transport, { roots, serverName }), "certificate");
    assert.equal((error as CertificateError).reason, reason);
  }
}

function buildIn(cwd: string, build: Stack["build"] = []): void {
  for (const [program, ...args] of build) {
    const { status, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
    assert.equal(status, 0, stderr);
  }
}
