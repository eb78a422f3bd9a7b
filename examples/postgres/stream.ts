/** TLS to a PostgreSQL server by this library, as a stream for the driver `pg`; in Node and in pages. */
import { Duplex } from "node:stream";
import { connectTls, type ConnectTlsOptions, type TlsConnection, type Transport } from "@fesa/channel/tls";

/** The message SSLRequest of PostgreSQL's protocol: the length, and the code 80877103. */
const SSL_REQUEST: Uint8Array = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);
const ACCEPTED = "S".charCodeAt(0);

/** Opens a TLS session, and returns it as a stream. */
export async function postgresStream(transport: Transport, options: ConnectTlsOptions): Promise<Duplex> {
  await requestTls(transport);
  return driverStream(await connectTls(transport, options));
}

/** Asks the server to continue with TLS. */
export async function requestTls({ readable, writable }: Transport): Promise<void> {
  const [writer, reader] = [writable.getWriter(), readable.getReader()];
  await writer.write(SSL_REQUEST);
  const { value = new Uint8Array() } = await reader.read();
  // Further bytes could come from an attacker instead of the server (CVE-2021-23222).
  if (value.length !== 1 || value[0] !== ACCEPTED) throw new Error("the server does not support TLS");
  writer.releaseLock();
  reader.releaseLock();
}

/** Joins the streams of a session into one of Node's, with the socket methods that `pg` calls. */
function driverStream({ readable, writable }: TlsConnection): Duplex {
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  const stream = new Duplex({
    read() {
      reader.read().then(
        ({ value, done }) => stream.push(done ? null : value),
        (error) => stream.destroy(error),
      );
    },
    write(chunk, _encoding, done) {
      writer.write(chunk).then(() => done(), done);
    },
    final(done) {
      writer.close().then(() => done(), done);
    },
  });
  return Object.assign(stream, {
    connect: () => queueMicrotask(() => stream.emit("connect")), // it is connected already
    setNoDelay() {},
    ref() {},
    unref() {},
  });
}
