/**
 * What few clients need, in one piece that is loaded for those: 3DES, where it is named; signatures other than by RSA, and
 * revocation, for chains that have them; a private key or revocation lists that are given as text. In several pieces each
 * client would pay for them, since what any two of them share becomes one more file.
 */

export { EVERY_SUITE } from "./every_suite.ts";
export { verifyFully } from "./trust_fully.ts";
export { parsePrivateKey } from "../x509/private_key.ts";
export { parseRevocationLists } from "../x509/revocation_list.ts";
