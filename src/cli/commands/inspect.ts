/** `fesa inspect`: what is in a file. */

import { decodePem, type PemBlock, TAG } from "../../asn1/mod.ts";
import { attempt, ChannelError } from "../../errors.ts";
import {
  type Certificate,
  CertificateRequest,
  describeCertificate,
  parseCertificates,
  parsePrivateKey,
  parsePublicKey,
  parseRevocationList,
} from "../../x509/mod.ts";
import { decryptPemBlock } from "../../x509/keys/dek_info.ts";
import { isPkcs12 } from "../../x509/pkcs12/read.ts";
import { type Arguments, type Command, type Io, printResult } from "../command.ts";
import {
  certificateJson,
  keyJson,
  lines,
  listJson,
  nativeKeyJson,
  requestJson,
} from "../credentials/describe.ts";
import { parseNativeKey } from "../credentials/native_key.ts";
import { passphrase, PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { openPkcs12 } from "../credentials/read.ts";
import { naming, readSmallFile } from "../files.ts";
import { JSON_OPTION } from "../options.ts";

/** Prints certificates, requests, revocation lists and keys, in every usual format. */
export const inspect: Command = {
  name: "inspect",
  summary: "print certificates, requests, revocation lists and keys",
  usage: ["[--passphrase-file FILE] FILE…"],
  examples: ["certificate.pem", "--json request.pem key.pem"],
  options: {
    "passphrase-file": {
      ...PASSPHRASE_OPTION,
      help:
        "a file whose first line is the passphrase of encrypted keys; for PKCS#12, otherwise you are asked for it",
    },
    json: JSON_OPTION,
  },
  positionals: [1, 1000, "FILE"],
  async run(args, io) {
    const secret = args.has("passphrase-file") ? await passphrase(args, io, "passphrase") : undefined;
    const found: Finding[] = [];
    for (const path of args.positionals) {
      const file = await readSmallFile(path);
      found.push(
        ...isPkcs12(file)
          ? await inspectPkcs12(path, args, io)
          : await naming(path, () => findings(file, secret)),
      );
    }
    await printResult(args, io, found.map(({ json }) => json), found.map(({ text }) => text).join("\n\n"));
    return 0;
  },
};

/** One thing found in a file. */
interface Finding {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Describes DER. Private keys that are encrypted are decrypted if there is a passphrase. */
type Inspector = (der: Uint8Array, passphrase: string | undefined) => Finding | Finding[];

/** What a PEM block is, by its label (RFC 7468). */
const INSPECTORS: ReadonlyMap<string, Inspector> = new Map<string, Inspector>([
  ["CERTIFICATE", inspectCertificates],
  ["PKCS7", inspectCertificates],
  ["CMS", inspectCertificates],
  ["CERTIFICATE REQUEST", inspectRequest],
  ["NEW CERTIFICATE REQUEST", inspectRequest],
  ["X509 CRL", inspectList],
  ["PRIVATE KEY", inspectPrivateKey],
  ["RSA PRIVATE KEY", inspectPrivateKey],
  ["EC PRIVATE KEY", inspectPrivateKey],
  ["ENCRYPTED PRIVATE KEY", inspectPrivateKey],
  ["PUBLIC KEY", inspectPublicKey],
  ["RSA PUBLIC KEY", inspectPublicKey],
]);

/** The readers of DER, in the order in which they are tried. */
const DER_INSPECTORS: readonly Inspector[] = [
  inspectCertificates,
  inspectRequest,
  inspectList,
  inspectPrivateKey,
  inspectPublicKey,
];

function findings(file: Uint8Array, passphrase: string | undefined): Finding[] {
  if (file[0] === TAG.sequence) return [inspectDer(file, passphrase)].flat();
  const blocks = decodePem(file);
  if (blocks.length === 0) throw new Error("it is neither PEM nor DER");
  return blocks.flatMap((block) => inspectBlock(block, passphrase));
}

/** Describes a PEM block, or says what is known of it if its kind is not supported. */
function inspectBlock(block: PemBlock, passphrase: string | undefined): Finding | Finding[] {
  const { label, headers, bytes } = block;
  const type = label.toLowerCase();
  if (headers.has("DEK-Info")) {
    if (passphrase === undefined) return described({ type: `encrypted ${type}` });
    return inspectPrivateKey(decryptPemBlock(block, passphrase), passphrase);
  }
  const problem = CONVERSIONS.get(label);
  if (problem !== undefined) return described({ type, problem });
  try {
    return INSPECTORS.get(label)?.(bytes, passphrase) ?? described({ type });
  } catch (error) {
    if (!(error instanceof ChannelError && error.code === "unsupported")) throw error;
    return described({ type, problem: error.message });
  }
}

/** How to convert unsupported blocks, by their labels. */
const CONVERSIONS: ReadonlyMap<string, string> = new Map([
  ["OPENSSH PRIVATE KEY", "not read: convert with ssh-keygen -p -m PKCS8 -f FILE"],
  ["TRUSTED CERTIFICATE", "not read: convert with openssl x509 -in FILE -out OTHER"],
]);

/** Describes DER by the first reader that accepts it. If none does, throws the first error that is not about the structure. */
function inspectDer(der: Uint8Array, passphrase: string | undefined): Finding | Finding[] {
  let complaint = new Error("it is not a certificate, request, revocation list or key");
  for (const inspector of DER_INSPECTORS) {
    try {
      return inspector(der, passphrase);
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      if (error.code !== "malformed") complaint = error;
    }
  }
  throw complaint;
}

function inspectCertificates(der: Uint8Array): Finding[] {
  return parseCertificates(der).map(certificateFinding);
}

function certificateFinding(certificate: Certificate): Finding {
  return { json: certificateJson(certificate), text: describeCertificate(certificate) };
}

/** Describes a PKCS#12 file, each key followed by its certificates; asks for the passphrase if it has one. */
async function inspectPkcs12(path: string, args: Arguments, io: Io): Promise<Finding[]> {
  const { keys, certificates } = await openPkcs12(path, args, io);
  return [
    ...keys.flatMap((one) => [
      described({ ...keyJson("private key", one.key), name: one.friendlyName }),
      ...one.certificates.map(certificateFinding),
    ]),
    ...certificates.map(({ certificate }) => certificateFinding(certificate)),
  ];
}

function inspectRequest(der: Uint8Array): Finding {
  return described(requestJson(new CertificateRequest(der, { allowSha1: true })));
}

function inspectList(der: Uint8Array): Finding {
  return described(listJson(parseRevocationList(der)));
}

function inspectPrivateKey(der: Uint8Array, passphrase: string | undefined): Finding {
  const native = attempt(() => parseNativeKey(der, passphrase));
  if (native !== undefined) return described(nativeKeyJson(native));
  try {
    return described(keyJson("private key", parsePrivateKey(der, passphrase)));
  } catch (error) {
    if (passphrase === undefined && error instanceof ChannelError && error.code === "passphrase") {
      return described({ type: "encrypted private key" });
    }
    throw error;
  }
}

function inspectPublicKey(der: Uint8Array): Finding {
  return described(keyJson("public key", parsePublicKey(der)));
}

function described(json: Readonly<Record<string, unknown>>): Finding {
  return { json, text: lines(json) };
}
