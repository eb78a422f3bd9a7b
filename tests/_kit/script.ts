/** Parts of a replay: a handshake in which one side sends recorded messages and computes everything else. */
import { concat, fromHex } from "../../src/bytes.ts";
import type { Credentials, KeyOperations } from "../../src/tls/credentials/credentials.ts";
import type { HandshakeMessage } from "../../src/tls/handshake/assembler.ts";
import { HandshakeLayer, type Role } from "../../src/tls/handshake/layer.ts";
import type { HandshakeType } from "../../src/tls/handshake/messages.ts";
import type { Transport } from "../../src/connection.ts";
import type { Wire } from "../../src/wire.ts";
import type { Certificate } from "../../src/x509/certificate/certificate.ts";
import { verifySignature } from "../../src/x509/keys/signature.ts";
import { assert } from "./mod.ts";

/** A handshake layer that sends the recorded message of each type, if there is one, instead of its own. */
export class ScriptedLayer extends HandshakeLayer {
  readonly #script: HandshakeMessage[];

  constructor(wire: Wire, role: Role, script: readonly HandshakeMessage[]) {
    super(wire, role, undefined);
    this.#script = [...script];
  }

  override send(type: HandshakeType, body: Uint8Array): void {
    const scripted = this.#script.findIndex((message) => message.type === type);
    super.send(type, scripted >= 0 ? this.#script.splice(scripted, 1)[0].body : body);
  }
}

/** Returns a transport that yields these bytes, ends, and records what is written to it. */
export function fixedTransport(incoming: Uint8Array): { transport: Transport; written: () => Uint8Array } {
  const chunks: Uint8Array[] = [];
  const transport = {
    readable: new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(incoming);
        controller.close();
      },
    }),
    writable: new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk.slice()) }),
  };
  return { transport, written: () => concat(...chunks) };
}

/** Returns a callback for the lines of a key log, and the secrets that it collects by label. */
export function collector(): { secrets: Record<string, string>; keyLog: (line: string) => void } {
  const secrets: Record<string, string> = {};
  const keyLog = (line: string) => {
    const [label, , secret] = line.split(" ");
    secrets[label] = secret;
  };
  return { secrets, keyLog };
}

/** Returns random bytes from a list, and zeros after its end. */
export function scriptedRandom(values: readonly string[]): (length: number) => Uint8Array {
  const rest = [...values];
  return (length) => {
    const value = rest.shift();
    return value === undefined ? new Uint8Array(length) : fromHex(value);
  };
}

/** Returns credentials without a private key, whose signature is the recorded one. */
export function signedBefore(certificate: Certificate, signature: Uint8Array): Credentials {
  const { publicKey } = certificate;
  const key: KeyOperations = {
    publicKey,
    sign(scheme, content) {
      assert.ok(verifySignature(publicKey, scheme, content, signature), "another content is signed");
      return Promise.resolve(signature);
    },
  };
  return { key, certificates: [certificate] };
}
