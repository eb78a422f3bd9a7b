/** Keeps a certificate in files: gets it from a CA if it is missing or due for renewal. */

import { obtainCertificate, type Renewal, renewalTime } from "../../acme/mod.ts";
import { RequiredOptionError } from "../../acme/account.ts";
import { isForDomain } from "../../acme/order.ts";
import { defaultRenewalTime } from "../../acme/renewal.ts";
import type { EcPrivateKey } from "../../crypto/ec/keys.ts";
import { samePublicKey } from "../../x509/keys/public_key.ts";
import {
  type Certificate,
  exportPrivateKey,
  generateKey,
  type KeyType,
  parseCertificates,
  parsePrivateKey,
  type PrivateKey,
} from "../../x509/mod.ts";
import { errorLine, type Io } from "../command.ts";
import { writeChain } from "../credentials/chain.ts";
import { exists, naming, readSmallFile, readTextFile, writeNewFile } from "../files.ts";
import { type AcmeConfig, externalAccount } from "./config.ts";
import { openSolver, type Serving } from "./solver.ts";

/** Where a certificate is kept. */
export interface CertificateFiles {
  /** The certificate's private key, made if there is none. */
  readonly key: string;
  /** The certificate, followed by the intermediates. */
  readonly certificate: string;
}

/** The outcome of {@link keepCertificate}. */
export interface KeptCertificate {
  readonly certificate: Certificate;
  /** Whether it was issued just now. */
  readonly isNew: boolean;
  /** When it should be renewed. */
  readonly renewal: Renewal;
}

/** Options of {@link keepCertificate}. */
export interface KeepOptions {
  /** The kind of a new key. */
  readonly keyType: KeyType;
  /** Gets a certificate even if renewal is not due. */
  readonly force?: boolean;
  /** The server that is running meanwhile, if any. */
  readonly serving?: Serving | undefined;
}

/** Gets a certificate if none for these names is there, or if it is due for renewal; keeps the key. */
export async function keepCertificate(
  config: AcmeConfig,
  files: CertificateFiles,
  { keyType, force = false, serving }: KeepOptions,
  io: Io,
): Promise<KeptCertificate> {
  const accountKey = await keyIn(config.accountKey ?? "acme-account.pem", "p256") as EcPrivateKey;
  const key = await keyIn(files.key, keyType);
  const { directory, email, agreeToTerms, domains } = config;
  const acme = {
    ...{ directory, email, agreeToTerms, domains, accountKey },
    externalAccount: await externalAccount(config),
    signal: io.signal,
  };
  const present = await presentCertificate(files.certificate, key, domains);
  const renewal = present && await renewalFor(acme, present, io);
  if (present && renewal && !force && renewal.at > new Date()) {
    return { certificate: present, isNew: false, renewal };
  }
  const solver = await openSolver(config, serving);
  const replaces = renewal?.askAgain === undefined ? undefined : present;
  const chain = await obtainCertificate({ ...acme, key, solver, replaces })
    .catch((error) => Promise.reject(inPlainWords(error)))
    .finally(() => solver.close());
  await writeChain(files.certificate, chain, true);
  return { certificate: chain[0], isNew: true, renewal: await renewalFor(acme, chain[0], io) };
}

/** Returns the certificate that is there already, if it is valid and matches the key and all of the names. */
export async function validCertificate(
  { domains }: AcmeConfig,
  files: CertificateFiles,
): Promise<Certificate | undefined> {
  if (!await exists(files.key)) return undefined;
  const present = await presentCertificate(files.certificate, await readKeyIn(files.key), domains);
  return present !== undefined && present.notAfter > new Date() ? present : undefined;
}

/** Returns the error about an option that the CA requires in the words of the command line and the configuration. */
function inPlainWords(error: unknown): unknown {
  if (!(error instanceof RequiredOptionError)) return error;
  const problem = {
    agreeToTerms: "you must agree to the CA's terms",
    externalAccount: "the key identifier and MAC key of an external account are missing",
  }[error.option];
  return new Error(`${problem}: ${error.hint}`, { cause: error });
}

/** The key of a file, made if there is none yet. */
async function keyIn(file: string, type: KeyType): Promise<PrivateKey> {
  if (await exists(file)) return await readKeyIn(file);
  const key = await generateKey(type);
  await writeNewFile(file, exportPrivateKey(key), { secret: true });
  return key;
}

async function readKeyIn(file: string): Promise<PrivateKey> {
  const text = await readTextFile(file);
  return await naming(file, () => parsePrivateKey(text));
}

/** Returns the certificate that is there, if it matches this key and all of these names. */
async function presentCertificate(
  file: string,
  key: PrivateKey,
  domains: readonly string[],
): Promise<Certificate | undefined> {
  if (!await exists(file)) return undefined;
  const pem = await readSmallFile(file);
  const [certificate] = await naming(file, () => parseCertificates(pem));
  const isForAll = domains.every((domain) => isForDomain(certificate, domain));
  return samePublicKey(certificate.publicKey, key) && isForAll ? certificate : undefined;
}

/** Returns when the CA suggests renewal, or the usual time if the CA cannot be asked. */
async function renewalFor(
  acme: Parameters<typeof renewalTime>[0],
  certificate: Certificate,
  io: Io,
): Promise<Renewal> {
  try {
    return await renewalTime(acme, certificate);
  } catch (error) {
    if (io.signal.aborted) throw error;
    await io.stderr.write(`the CA does not say when to renew: ${errorLine(error)}\n`);
    return { at: defaultRenewalTime(certificate), askAgain: undefined };
  }
}
