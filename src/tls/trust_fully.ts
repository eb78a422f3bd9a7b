/** VerifyPeer in certificates with every kind of signature and with revocation, for the chains that need them. */

import { ChannelError } from "../errors.ts";
import type { Certificate } from "../x509/certificate/certificate.ts";
import { type OcspResponse, parseOcspResponse } from "../x509/revocation/ocsp.ts";
import type { CandidatePath } from "../x509/path/builder.ts";
import { requireUnrevoked } from "../x509/revocation/check.ts";
import { verifySignature } from "../x509/keys/signature.ts";
import { finishFairly } from "../x509/path/steps.ts";
import { validateCertificate } from "../x509/path/validation.ts";
import { revocationRule, type VerifyOptions } from "../x509/verify.ts";

/**
 * Verifies a peer's chain; an OCSP response that a server stapled counts beside those in the options. Where the peer's
 * certificate `mustStaple`, that response has to show it to be good, whatever the options say about revocation.
 */
export async function verifyFully(
  chain: readonly Certificate[],
  options: VerifyOptions,
  stapled: Uint8Array | undefined,
  mustStaple: boolean,
): Promise<void> {
  const responses = stapled === undefined ? [] : [parseStapled(stapled)];
  const ocspResponses = [...(options.ocspResponses ?? []), ...responses];
  const rule = revocationRule({ ...options, ocspResponses });
  await finishFairly(validateCertificate(chain, options, verifySignature, function* (path, validation) {
    if (rule !== undefined) yield* rule(path, validation);
    if (mustStaple) yield* requireUnrevoked({ ocspResponses: responses }, true)(lowest(path), validation);
  }));
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

/** The end entity under its issuer alone: a stapled response is about no other certificate (RFC 6066 section 8). */
function lowest({ certificates: [endEntity, issuer], anchor }: CandidatePath): CandidatePath {
  return { certificates: [endEntity], anchor: issuer ?? anchor };
}
