/** The named curves of RFC 5480 section 2.1.1.1 that this library supports. */

import { type DerReader, TAG } from "../../asn1/mod.ts";
import type { CurveName } from "../../crypto/ec/weierstrass.ts";
import { ChannelError } from "../../errors.ts";
import { SECP256R1, SECP384R1, SECP521R1 } from "../oids.ts";
import { algorithmName } from "./algorithm.ts";

const OIDS: Readonly<Record<CurveName, string>> = {
  "P-256": SECP256R1,
  "P-384": SECP384R1,
  "P-521": SECP521R1,
};

const CURVES: ReadonlyMap<string, CurveName> = new Map(
  Object.entries(OIDS).map(([curve, oid]) => [oid, curve as CurveName]),
);

/** Returns a curve's object identifier. */
export function oidOfCurve(curve: CurveName): string {
  return OIDS[curve];
}

/**
 * Reads ECParameters, which must name a curve in PKIX (RFC 5480 section 2.1.1).
 *
 * @throws {ChannelError} `"unsupported"` if the curve is not supported (the message names it), or if the parameters do not
 * name a curve.
 */
export function readCurve(parameters: DerReader): CurveName {
  if (!parameters.has(TAG.oid)) throw new ChannelError("unsupported", "an EC key is not on a named curve");
  const oid = parameters.oid();
  const curve = CURVES.get(oid);
  if (curve === undefined) {
    throw new ChannelError("unsupported", `an EC key is on an unsupported curve: ${algorithmName(oid)}`);
  }
  return curve;
}
