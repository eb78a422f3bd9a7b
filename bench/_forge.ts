/** node-forge, which has no types: TLS 1.1 in JavaScript, AES-256-CBC. */
import { createRequire } from "node:module";
import { exportPrivateKey } from "../src/x509/mod.ts";
import type { Identity } from "./_loopback.ts";

/** The part of a connection that is used. */
export interface ForgeConnection {
  data: { getBytes(): string };
  tlsData: { getBytes(): string };
  handshake(): void;
  prepare(bytes: string): void;
  process(bytes: string): void;
}

const forge = createRequire(import.meta.url)("node-forge") as {
  tls: { createConnection(options: object): ForgeConnection; CipherSuites: Record<string, unknown> };
};

/** Connects a client and a server in memory; returns the client, and reports the length of what the server receives. */
export function forgePair(
  { key, certificate }: Identity,
  onData: (length: number) => void,
): Promise<ForgeConnection> {
  const pem = exportPrivateKey(key);
  return new Promise((resolve, reject) => {
    const common = {
      cipherSuites: [forge.tls.CipherSuites.TLS_RSA_WITH_AES_256_CBC_SHA],
      error: (_: unknown, cause: { message: string }) => reject(new Error(cause.message)),
      dataReady: ({ data }: ForgeConnection) => onData(data.getBytes().length),
      closed: () => {},
    };
    const client = forge.tls.createConnection({
      ...common,
      server: false,
      verify: () => true,
      connected: () => resolve(client),
      tlsDataReady: ({ tlsData }: ForgeConnection) => server.process(tlsData.getBytes()),
    });
    const server = forge.tls.createConnection({
      ...common,
      server: true,
      verifyClient: false,
      connected: () => {},
      getCertificate: () => certificate.pem,
      getPrivateKey: () => pem,
      tlsDataReady: ({ tlsData }: ForgeConnection) => client.process(tlsData.getBytes()),
    });
    client.handshake();
  });
}
