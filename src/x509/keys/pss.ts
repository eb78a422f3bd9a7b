/** RSASSA-PSS-params (RFC 4055 section 3.1, RFC 8017 appendix A.2.3). */

import { der, readDer } from "../../asn1/mod.ts";
import type { HashName } from "../../crypto/hash.ts";
import { ChannelError } from "../../errors.ts";
import {
  type AlgorithmIdentifier,
  algorithmName,
  encodeHashAlgorithm,
  HASH_OIDS,
  hasNullParameters,
  readAlgorithm,
} from "./algorithm.ts";
import type { PssParameters } from "./public_key.ts";

/** The default values, which apply to omitted parameters. */
const DEFAULT: PssParameters = { hash: "SHA-1", saltLength: 20 };

const MGF1 = "1.2.840.113549.1.1.8";

/**
 * Reads the parameters of a PSS key or signature. If they are omitted, the hash function is SHA-1. MGF1 must use the same
 * hash function as the signature, as RFC 4055 section 3.1 recommends and RFC 8446 section 4.2.3 requires; only tests use two
 * different ones.
 */
export function readPssParameters(parameters: Uint8Array): PssParameters {
  const { hash, mgfHash, saltLength, trailer } = readDer(
    parameters,
    "the PSS parameters",
    (reader) =>
      reader.within((params) => ({
        hash: params.explicit(0, (inner) => hashName(readAlgorithm(inner))) ?? DEFAULT.hash,
        mgfHash: params.explicit(1, (inner) => mgfHashName(readAlgorithm(inner))) ?? DEFAULT.hash,
        saltLength: params.explicit(2, (inner) => inner.smallInteger(1024)) ?? DEFAULT.saltLength,
        trailer: params.explicit(3, (inner) => inner.smallInteger(1)) ?? 1,
      })),
  );
  if (trailer !== 1) throw new ChannelError("malformed", "the PSS trailer field is not 1");
  if (mgfHash !== hash) {
    throw new ChannelError("unsupported", "PSS with two different hash functions is not supported");
  }
  return { hash, saltLength };
}

/**
 * Returns the encoded parameters in a list, which is empty if there are none. Default values are omitted, as DER requires.
 */
export function encodePssParameters(parameters: PssParameters | undefined): Uint8Array[] {
  if (parameters === undefined) return [];
  const fields: Uint8Array[] = [];
  if (parameters.hash !== DEFAULT.hash) {
    const hash = encodeHashAlgorithm(parameters.hash);
    fields.push(der.explicit(0, hash), der.explicit(1, der.sequence(der.oid(MGF1), hash)));
  }
  if (parameters.saltLength !== DEFAULT.saltLength) {
    fields.push(der.explicit(2, der.integer(parameters.saltLength)));
  }
  return [der.sequence(...fields)];
}

function hashName(algorithm: AlgorithmIdentifier): HashName {
  const name = HASH_OIDS.get(algorithm.oid);
  if (name === undefined) {
    throw new ChannelError(
      "unsupported",
      `PSS with the hash function ${algorithmName(algorithm.oid)} is not supported`,
    );
  }
  // RFC 4055 section 2.1: parameters may be absent or NULL.
  if (algorithm.parameters !== undefined && !hasNullParameters(algorithm)) {
    throw new ChannelError("malformed", "a hash function has parameters");
  }
  return name;
}

function mgfHashName(algorithm: AlgorithmIdentifier): HashName {
  if (algorithm.oid !== MGF1 || algorithm.parameters === undefined) {
    throw new ChannelError(
      "unsupported",
      "PSS with a mask generation function other than MGF1 is not supported",
    );
  }
  return hashName(readDer(algorithm.parameters, "the PSS parameters", readAlgorithm));
}
