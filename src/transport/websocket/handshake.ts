/** The opening handshake of a WebSocket (RFC 6455 section 4) for clients and servers, over any transport. */

import { toBase64, toUtf8 } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import type { Transport } from "../../connection.ts";
import { Wire } from "../../wire.ts";
import { type AdmissionOptions, isToken, refusalStatus } from "./admission.ts";
import { FramedTransport } from "./stream.ts";

/** The longest head of a request or response, in bytes. Node has the same limit; browsers send all cookies of the site. */
const MAX_HEAD_LENGTH = 16_384;

/** The GUID of RFC 6455 section 1.3. */
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The time limit in milliseconds for a client's request, and for a server's response. */
const PATIENCE = 10_000;

/** The name of the operation in the error for a timeout. */
const OPENING = "opening the WebSocket";

/** The head of a request or response. */
export interface Head {
  readonly start: string;
  /** The fields by their names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
}

/** The options of a client's request. */
export interface OpeningOptions {
  /** Aborts the handshake. */
  readonly signal?: AbortSignal | undefined;
  /** Additional fields to send, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The subprotocol that the server must select. */
  readonly protocol?: string;
}

/** The fields that the handshake itself sets. */
const OWN_FIELDS =
  /^(?:host|connection|upgrade|content-length|transfer-encoding|sec-websocket-(?:key|version|accept|extensions|protocol))$/i;

/**
 * Refuses invalid header fields and subprotocols.
 *
 * @throws {TypeError} If a field is invalid, or is set by the handshake itself.
 */
export function checkOpening({ headers = {}, protocol }: OpeningOptions): void {
  if (typeof headers !== "object" || headers === null) {
    throw new TypeError("headers must be an object of strings");
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!isToken(name) || OWN_FIELDS.test(name)) throw new TypeError(`headers: ${name} cannot be set`);
    if (typeof value !== "string" || !/^[\t\x20-\x7e]*$/.test(value)) {
      throw new TypeError(`headers: the value of ${name} is not ASCII text`);
    }
  }
  if (protocol !== undefined && !isToken(protocol)) {
    throw new TypeError("protocol must be a token (RFC 9110)");
  }
}

/** Opens a WebSocket as a client. Resolves when it is open. Waits at most ten seconds for the response. */
export async function openWebSocket(
  transport: Transport,
  url: URL,
  options: OpeningOptions,
): Promise<Transport> {
  const wire = new Wire(transport);
  const { signal } = options;
  try {
    await wire.within({ signal, milliseconds: PATIENCE, name: OPENING }, () => askServer(wire, url, options));
  } catch (error) {
    wire.abort(refusal("no WebSocket was opened"));
    throw error;
  }
  return new FramedTransport(wire, Promise.resolve(), "client");
}

/**
 * Returns the transport inside a WebSocket, as a server. Reads and writes wait for the client's request, which has a time
 * limit.
 */
export function acceptWebSocket(transport: Transport, admission: AdmissionOptions): Transport {
  return answered(transport, (wire) => answerClient(wire, admission));
}

/** Returns the transport inside a WebSocket whose request an HTTP server has read. */
export function acceptUpgrade(transport: Transport, request: Head, admission: AdmissionOptions): Transport {
  return answered(transport, (wire) => answerRequest(wire, request, admission));
}

function answered(transport: Transport, answer: (wire: Wire) => Promise<void>): Transport {
  const wire = new Wire(transport);
  const opened = wire.within({ milliseconds: PATIENCE, name: OPENING }, () => answer(wire));
  return new FramedTransport(wire, opened, "server");
}

async function askServer(wire: Wire, url: URL, { headers = {}, protocol }: OpeningOptions): Promise<void> {
  const key = toBase64(crypto.getRandomValues(new Uint8Array(16)));
  const more = { ...headers, ...(protocol !== undefined && { "Sec-WebSocket-Protocol": protocol }) };
  const fields = Object.entries(more).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await wire.write(toUtf8(
    `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${fields}\r\n`,
  ));
  const head = await readHead(wire);
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(head.start)?.[1];
  if (status === undefined) throw refusal("the server does not speak HTTP/1.1");
  if (status !== "101") {
    const phrase = head.start.slice("HTTP/1.1 101 ".length, 100);
    throw refusal(`the server answered ${status} instead of opening a WebSocket${phrase && `: ${phrase}`}`);
  }
  if (
    !hasToken(head, "upgrade", "websocket") || !hasToken(head, "connection", "upgrade") ||
    head.fields.get("sec-websocket-accept") !== await acceptValue(key) ||
    head.fields.has("sec-websocket-extensions") || head.fields.get("sec-websocket-protocol") !== protocol
  ) throw refusal("the server's WebSocket handshake is wrong");
}

async function answerClient(wire: Wire, admission: AdmissionOptions): Promise<void> {
  let head: Head;
  try {
    head = await readHead(wire);
  } catch (error) {
    if (error instanceof NotHttp) await answerNo(wire, "400 This Port Takes WebSockets", error);
    if (error instanceof ChannelError && error.code === "limit") {
      await answerNo(wire, "431 Request Header Fields Too Large", error);
    }
    throw error;
  }
  await answerRequest(wire, head, admission);
}

async function answerRequest(wire: Wire, head: Head, admission: AdmissionOptions): Promise<void> {
  const key = head.fields.get("sec-websocket-key") ?? "";
  const wrong = whatIsWrong(head, key, admission);
  if (wrong !== undefined) {
    const error = refusal(`a client was answered ${wrong}`);
    await answerNo(wire, wrong, error);
    throw error;
  }
  const { protocol } = admission;
  const isSpoken = protocol !== undefined && hasToken(head, "sec-websocket-protocol", protocol);
  await wire.write(toUtf8(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Accept: ${await acceptValue(key)}\r\n` +
      `${isSpoken ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : ""}\r\n`,
  ));
}

/** Sends a response with an error status, and ends the connection with `error`. */
async function answerNo(wire: Wire, status: string, error: ChannelError): Promise<void> {
  const answer =
    `HTTP/1.1 ${status}\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\nConnection: close\r\n` +
    `Content-Length: 0\r\n\r\n`;
  await wire.abortAfter(error, () => wire.write(toUtf8(answer)));
}

/** Returns the status with which to refuse a request, or undefined if it is accepted (RFC 6455 section 4.2.1). */
function whatIsWrong(head: Head, key: string, admission: AdmissionOptions): string | undefined {
  const path = /^GET (\/\S*) HTTP\/1\.1$/.exec(head.start)?.[1];
  const host = head.fields.get("host");
  if (path === undefined || host === undefined) return "400 Bad Request";
  if (!hasToken(head, "upgrade", "websocket") || !hasToken(head, "connection", "upgrade")) {
    return "426 Upgrade Required";
  }
  if (head.fields.get("sec-websocket-version") !== "13") return "426 Upgrade Required";
  if (!/^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key)) return "400 Bad Request"; // 16 bytes
  return refusalStatus({ origin: head.fields.get("origin"), host, path }, admission);
}

/**
 * Reads a head up to the empty line. The bytes after it belong to the first frames. Checks each byte only once, however
 * small the chunks are.
 */
async function readHead(wire: Wire): Promise<Head> {
  for (let seen = 0; await wire.fill(seen + 1);) {
    const bytes = wire.buffered;
    const end = endOfHead(bytes, Math.max(0, seen - 3));
    if (!bytes.subarray(seen, end < 0 ? undefined : end).every(isText)) throw new NotHttp(bytes);
    if (end > MAX_HEAD_LENGTH || end < 0 && bytes.length > MAX_HEAD_LENGTH) {
      throw new ChannelError("limit", `a WebSocket handshake is longer than ${MAX_HEAD_LENGTH} bytes`);
    }
    if (end >= 0) {
      wire.consume(end + 4);
      return parseHead(bytes.subarray(0, end));
    }
    seen = bytes.length;
  }
  throw refusal("the connection ended before its WebSocket handshake");
}

function endOfHead(bytes: Uint8Array, from: number): number {
  for (let i = from; i + 3 < bytes.length; i++) {
    if (bytes[i] === 13 && bytes[i + 1] === 10 && bytes[i + 2] === 13 && bytes[i + 3] === 10) return i;
  }
  return -1;
}

function isText(byte: number): boolean {
  return byte >= 32 && byte <= 126 || byte === 9 || byte === 10 || byte === 13;
}

/** Parses a head in ASCII: a start line, and fields whose names are tokens (RFC 9112 sections 2 to 5). */
function parseHead(bytes: Uint8Array): Head {
  const [start, ...lines] = String.fromCharCode(...bytes).split("\r\n");
  const fields = new Map<string, string>();
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*?)[ \t]*$/.exec(line);
    if (match === null) throw refusal("a WebSocket handshake has a malformed field");
    const name = match[1].toLowerCase();
    const before = fields.get(name);
    fields.set(name, before === undefined ? match[2] : `${before}, ${match[2]}`);
  }
  return { start, fields };
}

function hasToken(head: Head, name: string, token: string): boolean {
  const tokens = (head.fields.get(name) ?? "").split(",");
  return tokens.some((candidate) => candidate.trim().toLowerCase() === token);
}

/**
 * Returns the value of Sec-WebSocket-Accept (RFC 6455 section 4.2.2, step 5). It only confirms that the server supports
 * WebSocket, so SHA-1 is no weakness.
 */
async function acceptValue(key: string): Promise<string> {
  const data = toUtf8(key + ACCEPT_GUID) as Uint8Array<ArrayBuffer>;
  return toBase64(new Uint8Array(await crypto.subtle.digest("SHA-1", data)));
}

/** The error for received bytes that are not HTTP. */
class NotHttp extends ChannelError {
  constructor(bytes: Uint8Array) {
    const isChannel = bytes[0] === 0x16 || String.fromCharCode(...bytes.subarray(0, 4)) === "FESA";
    const what = isChannel ? ", but of a channel over TCP: the peer should use ws:// or wss://" : "";
    super("protocol", `what came is not of a WebSocket handshake${what}`);
  }
}

function refusal(message: string): ChannelError {
  return new ChannelError("protocol", message);
}
