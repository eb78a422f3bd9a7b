/** Trust in certificates with every kind of signature and with revocation, for the chains that need them. */

import { ChannelError } from "../errors.ts";
import type { Certificate } from "../x509/certificate.ts";
import { type OcspResponse, parseOcspResponse } from "../x509/ocsp.ts";
import { verifyCertificate, type VerifyOptions } from "../x509/verify.ts";

/** Verifies a peer's chain; an OCSP response that a server stapled counts beside those in the options. */
export function verifyFully(
  chain: readonly Certificate[],
  options: VerifyOptions,
  stapled: Uint8Array | undefined,
): void {
  const ocspResponses = [...(options.ocspResponses ?? [])];
  if (stapled !== undefined) ocspResponses.push(parseStapled(stapled));
  verifyCertificate(chain, { ...options, ocspResponses });
}

function parseStapled(stapled: Uint8Array): OcspResponse {
  try {
    return parseOcspResponse(stapled);
  } catch (cause) {
    const alert = "bad_certificate_status_response";
    throw new ChannelError("malformed", "the stapled OCSP response is none", {
      alert,
      direction: "sent",
      cause,
    });
  }
}
