/** X25519: Diffie-Hellman on Curve25519 (RFC 7748), with the same sequence of operations for every key. */

import { ChannelError } from "../../errors.ts";
import {
  add,
  addScaled,
  element,
  fromBytes,
  invert,
  mul,
  square,
  subtract,
  swapIf,
  toBytes,
} from "./field25519.ts";
import { randomBytes } from "../random.ts";
import type { KeyAgreement } from "./key_agreement.ts";

const SIZE = 32;

/** The u-coordinate of the base point (RFC 7748 section 4.1). */
export const BASE: Uint8Array = Uint8Array.from({ length: SIZE }, (_, i) => i === 0 ? 9 : 0);

/** X25519. */
export const x25519: KeyAgreement = {
  generateKeyPair(random = randomBytes) {
    const secretKey = random(SIZE);
    return { secretKey, publicKey: scalarMultiply(secretKey, BASE) };
  },

  publicKey: (secretKey) => scalarMultiply(secretKey, BASE),

  sharedSecret(secretKey, publicKey) {
    const secret = scalarMultiply(secretKey, publicKey);
    if (secret.reduce((all, byte) => all | byte, 0) === 0) {
      throw new ChannelError("crypto", "the peer's X25519 key is a point of small order");
    }
    return secret;
  },
};

/** Refuses a secret or public key that does not have 32 bytes. */
export function checkX25519Key(key: Uint8Array): void {
  if (key.length !== SIZE) throw new RangeError("an X25519 key has 32 bytes");
}

/** The constant (A - 2) / 4 of Curve25519. */
const A24 = 121665;

/** Computes the function X25519 (RFC 7748 section 5). Variables have the names used there. */
function scalarMultiply(scalar: Uint8Array, point: Uint8Array): Uint8Array {
  checkX25519Key(scalar);
  checkX25519Key(point);
  const k = new Uint8Array(scalar);
  k[0] &= 248;
  k[31] = k[31] & 127 | 64;
  const x1 = fromBytes(point);
  const [x2, z2, x3, z3] = [element(1), element(0), x1.slice(), element(1)];
  const [a, b, c, d, e, aa, bb] = Array.from({ length: 7 }, () => element(0));
  let swap = 0;
  for (let t = 254; t >= 0; t--) {
    const bit = k[t >> 3] >> (t & 7) & 1;
    swapIf(swap ^ bit, x2, x3);
    swapIf(swap ^ bit, z2, z3);
    swap = bit;
    add(a, x2, z2);
    subtract(b, x2, z2);
    add(c, x3, z3);
    subtract(d, x3, z3);
    square(aa, a);
    square(bb, b);
    subtract(e, aa, bb);
    mul(d, d, a); // DA
    mul(c, c, b); // CB
    add(x3, d, c);
    square(x3, x3);
    subtract(z3, d, c);
    square(z3, z3);
    mul(z3, z3, x1);
    mul(x2, aa, bb);
    addScaled(a, aa, e, A24);
    mul(z2, e, a);
  }
  swapIf(swap, x2, x3);
  swapIf(swap, z2, z3);
  mul(x2, x2, invert(z2));
  return toBytes(x2);
}
