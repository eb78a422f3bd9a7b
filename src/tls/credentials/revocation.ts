/** Revocation of peers' certificates. This module is loaded only for chains that need it. */

import { ChannelError } from "../../errors.ts";
import type { CandidatePath } from "../../x509/path/builder.ts";
import type { RevocationRule } from "../../x509/path/validation.ts";
import { requireUnrevoked } from "../../x509/revocation/check.ts";
import { type OcspResponse, parseOcspResponse } from "../../x509/revocation/ocsp.ts";
import { revocationRule, type VerifyOptions } from "../../x509/verify.ts";

/**
 * Returns the revocation rule for a peer's path. An OCSP response that a server stapled counts in addition to those in the
 * options. If `mustStaple`, the stapled response must show the certificate to be good, whatever the options say about
 * revocation.
 */
export function peerRevocation(
  options: Omit<VerifyOptions, "roots">,
  stapled: Uint8Array | undefined,
  mustStaple: boolean,
): RevocationRule {
  const responses = stapled === undefined ? [] : [parseStapled(stapled)];
  const ocspResponses = [...(options.ocspResponses ?? []), ...responses];
  const rule = revocationRule({ ...options, ocspResponses });
  return function* (path, validation) {
    if (rule !== undefined) yield* rule(path, validation);
    if (mustStaple) {
      yield* requireUnrevoked({ ocspResponses: responses }, true)(endEntityOf(path), validation);
    }
  };
}

function parseStapled(stapled: Uint8Array): OcspResponse {
  try {
    return parseOcspResponse(stapled);
  } catch (cause) {
    throw new ChannelError("malformed", "the stapled OCSP response cannot be parsed", {
      alert: "bad_certificate_status_response",
      direction: "sent",
      cause,
    });
  }
}

/**
 * Returns the path from the end entity to its issuer. A stapled response is for the end entity only (RFC 6066 section 8).
 */
function endEntityOf({ certificates: [endEntity, issuer], anchor }: CandidatePath): CandidatePath {
  return { certificates: [endEntity], anchor: issuer ?? anchor };
}
