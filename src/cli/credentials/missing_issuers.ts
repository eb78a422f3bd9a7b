/** Fetches the intermediates that a chain lacks from the URLs in its certificates (RFC 5280 section 4.2.2.1, caIssuers). */

import { concat } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import type { Certificate } from "../../x509/certificate/certificate.ts";
import { parseCertificates } from "../../x509/mod.ts";

const CA_ISSUERS = "1.3.6.1.5.5.7.48.2";

/** The most certificates that are fetched, each the issuer of the one before. */
const MAX_FETCHES = 8;

/** The limits of one answer: its time in milliseconds, and its length in bytes. */
const TIMEOUT = 10_000;
const MAX_LENGTH = 1 << 20;

/**
 * Returns the issuers that are neither in the chain nor among the roots, as far as they can be fetched. They are no more
 * trusted than those of the chain. Calls `tell` with a line for each address.
 */
export async function fetchIssuers(
  chain: readonly Certificate[],
  roots: readonly Certificate[],
  tell: (line: string) => Promise<void>,
): Promise<Certificate[]> {
  const fetched: Certificate[] = [];
  for (let count = 0; count < MAX_FETCHES; count++) {
    const known = [...chain, ...fetched, ...roots];
    const orphan = [...chain, ...fetched].find((certificate) =>
      !known.some(({ subject }) => subject.matches(certificate.issuer)) &&
      issuerUrl(certificate) !== undefined
    );
    if (orphan === undefined) break;
    const url = issuerUrl(orphan)!;
    await tell(`fetching the issuer of ${orphan.subject} from ${url}\n`);
    const found = await fetchCertificates(url);
    if (!found.some(({ subject }) => subject.matches(orphan.issuer))) {
      throw new Error(`${url}: it does not contain the certificate of ${orphan.issuer}`);
    }
    fetched.push(...found);
  }
  return fetched;
}

function issuerUrl({ extensions }: Certificate): string | undefined {
  for (const { method, location } of extensions.authorityInfoAccess ?? []) {
    if (method === CA_ISSUERS && location.type === "uri" && /^https?:/i.test(location.value)) {
      return location.value;
    }
  }
  return undefined;
}

async function fetchCertificates(url: string): Promise<Certificate[]> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) }).catch((cause) => {
    throw new Error(`${url}: it cannot be fetched`, { cause });
  });
  if (!response.ok || response.body === null) throw new Error(`${url}: the answer is ${response.status}`);
  const bytes = await readBounded(response.body, url);
  try {
    return parseCertificates(bytes);
  } catch (error) {
    if (error instanceof ChannelError) throw new Error(`${url}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function readBounded(body: AsyncIterable<Uint8Array>, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_LENGTH) throw new Error(`${url}: the answer is longer than 1 MiB`);
    chunks.push(chunk);
  }
  return concat(...chunks);
}
