/** `fesa inspect`: what is in a file. */

import { decodePem, type PemBlock, TAG } from "../../asn1/mod.ts";
import type { KeyPair } from "../../crypto/ec/key_agreement.ts";
import { ChannelError } from "../../errors.ts";
import {
  Certificate,
  CertificateRequest,
  describeCertificate,
  parsePrivateKey,
  parsePublicKey,
  parseRevocationList,
} from "../../x509/mod.ts";
import { type Command, printJson } from "../command.ts";
import { certificateJson, keyJson, lines, listJson, nativeKeyJson, requestJson } from "../describe.ts";
import { readSmallFile } from "../files.ts";
import { naming } from "../keys.ts";
import { parseNativeKey } from "../native_key.ts";
import { JSON_OPTION } from "../options.ts";

/** Prints certificates, requests, revocation lists and keys. */
export const inspect: Command = {
  name: "inspect",
  summary: "print certificates, requests, revocation lists and keys",
  usage: ["FILE…"],
  options: { json: JSON_OPTION },
  positionals: [1, 1000, "FILE"],
  async run(args, io) {
    const found: Finding[] = [];
    for (const path of args.positionals) {
      const file = await readSmallFile(path);
      found.push(...await naming(path, () => findings(file)));
    }
    if (args.flag("json")) await printJson(io, found.map(({ json }) => json));
    else await io.stdout.write(`${found.map(({ text }) => text).join("\n\n")}\n`);
    return 0;
  },
};

/** One thing found in a file. */
interface Finding {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
}

type Inspector = (der: Uint8Array) => Finding;

/** What a PEM block is, by its label (RFC 7468). */
const INSPECTORS: ReadonlyMap<string, Inspector> = new Map([
  ["CERTIFICATE", inspectCertificate],
  ["CERTIFICATE REQUEST", inspectRequest],
  ["NEW CERTIFICATE REQUEST", inspectRequest],
  ["X509 CRL", inspectList],
  ["PRIVATE KEY", inspectPrivateKey],
  ["RSA PRIVATE KEY", inspectPrivateKey],
  ["EC PRIVATE KEY", inspectPrivateKey],
  ["ENCRYPTED PRIVATE KEY", inspectPrivateKey],
  ["PUBLIC KEY", inspectPublicKey],
]);

/** What DER may be, in the order in which it is tried. */
const DER_INSPECTORS: readonly Inspector[] = [
  inspectCertificate,
  inspectRequest,
  inspectList,
  inspectPrivateKey,
  inspectPublicKey,
];

function findings(file: Uint8Array): Finding[] {
  if (file[0] === TAG.sequence) return [inspectDer(file)];
  const blocks = decodePem(file);
  if (blocks.length === 0) throw new Error("it is neither PEM nor DER");
  return blocks.map(inspectBlock);
}

/** What a block is; where it is of a kind that this library does not do, what is known of it. */
function inspectBlock({ label, headers, bytes }: PemBlock): Finding {
  const type = label.toLowerCase();
  if (headers.has("DEK-Info")) return described({ type: `encrypted ${type}` });
  try {
    return INSPECTORS.get(label)?.(bytes) ?? described({ type });
  } catch (error) {
    if (!(error instanceof ChannelError && error.code === "unsupported")) throw error;
    return described({ type, problem: error.message });
  }
}

/** What can read the bytes says what they are; where nothing can, the first complaint that is not about their form. */
function inspectDer(der: Uint8Array): Finding {
  let complaint = new Error("it is no certificate, request, revocation list or key");
  for (const inspector of DER_INSPECTORS) {
    try {
      return inspector(der);
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      if (error.code !== "malformed") complaint = error;
    }
  }
  throw complaint;
}

function inspectCertificate(der: Uint8Array): Finding {
  const certificate = new Certificate(der);
  return { json: certificateJson(certificate), text: describeCertificate(certificate) };
}

function inspectRequest(der: Uint8Array): Finding {
  return described(requestJson(new CertificateRequest(der, { allowSha1: true })));
}

function inspectList(der: Uint8Array): Finding {
  return described(listJson(parseRevocationList(der)));
}

function inspectPrivateKey(der: Uint8Array): Finding {
  const native = nativeKeyIn(der);
  if (native !== undefined) return described(nativeKeyJson(native));
  try {
    return described(keyJson("private key", parsePrivateKey(der)));
  } catch (error) {
    if (error instanceof ChannelError && error.code === "passphrase") {
      return described({ type: "encrypted private key" });
    }
    throw error;
  }
}

function nativeKeyIn(der: Uint8Array): KeyPair | undefined {
  try {
    return parseNativeKey(der);
  } catch (error) {
    if (error instanceof ChannelError) return undefined;
    throw error;
  }
}

function inspectPublicKey(der: Uint8Array): Finding {
  return described(keyJson("public key", parsePublicKey(der)));
}

function described(json: Readonly<Record<string, unknown>>): Finding {
  return { json, text: lines(json) };
}
