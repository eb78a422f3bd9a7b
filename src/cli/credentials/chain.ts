/** Certificate chains in files: reads the one that this side presents, and writes new ones. */

import { checkEndEntity } from "../../x509/path/rules.ts";
import { samePublicKey } from "../../x509/keys/public_key.ts";
import { type Certificate, pinOf, type PrivateKey, publicKeyOf, type Usage } from "../../x509/mod.ts";
import { type Arguments, errorLine, type Io } from "../command.ts";
import { writeNewFile } from "../files.ts";
import { warnOfExpiry } from "./expiry.ts";
import { readCertificates } from "./read.ts";

/**
 * Reads a chain whose first certificate must match `key`. Warns if peers will refuse this certificate, if the others are out
 * of order, or if one expires soon.
 */
export async function readChain(
  path: string,
  key: PrivateKey,
  usage: Usage,
  args: Arguments,
  io: Io,
): Promise<readonly Certificate[]> {
  const chain = await readCertificates(path, args, io);
  if (!samePublicKey(chain[0].publicKey, key)) {
    const pin = pinOf(publicKeyOf(key));
    const own = chain.findIndex((certificate) => certificate.pin === pin) + 1;
    const order = own > 0 ? `; the certificate for it is number ${own} in the file, and must come first` : "";
    throw new Error(`${path}: the certificate is for another key${order}`);
  }
  await warnOfRefusal(path, chain[0], usage, io);
  await warnOfOrder(path, chain, io);
  await warnOfExpiry(chain, io);
  return chain;
}

/** Warns if a certificate is not valid now or is for another use, so that peers will refuse it whichever root they trust. */
async function warnOfRefusal(path: string, certificate: Certificate, usage: Usage, io: Io): Promise<void> {
  const rules = { now: new Date(), usage, keyUsage: undefined, serverName: undefined, minimumRsaBits: 0 };
  try {
    checkEndEntity(certificate, rules);
  } catch (error) {
    await io.stderr.write(`warning: ${path}: peers will refuse this certificate: ${errorLine(error)}\n`);
  }
}

/** Whether each certificate certifies the one before it (RFC 5246 section 7.4.2). Some peers need this order. */
async function warnOfOrder(path: string, chain: readonly Certificate[], io: Io): Promise<void> {
  const wrong = chain.findIndex(({ subject }, index) =>
    index > 0 && !chain[index - 1].issuer.matches(subject)
  );
  if (wrong < 0) return;
  await io.stderr.write(
    `warning: ${path}: certificate ${
      wrong + 1
    } of ${chain.length} does not belong to the issuer of the one before it; ` +
      "some peers need this order\n",
  );
}

/** Writes a chain as PEM; `force` replaces another file. */
export async function writeChain(path: string, chain: readonly Certificate[], force: boolean): Promise<void> {
  await writeNewFile(path, chain.map(({ pem }) => pem).join(""), { force });
}
