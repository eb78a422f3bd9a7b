/**
 * What few clients need, in one piece that is loaded for those: 3DES, where it is named; a signature, from a client that
 * has credentials; signatures other than by RSASSA-PKCS1-v1_5, and revocation, for chains that have them; a private key or
 * revocation lists that are given as text. It is one piece because whatever two pieces share becomes a third, which every
 * client would have to load.
 */

export { EVERY_SUITE } from "./every_suite.ts";
export { signTranscript } from "./credentials/signatures.ts";
export { verifyFully } from "./trust_fully.ts";
export { parsePrivateKey } from "../x509/keys/key_file.ts";
export { parseRevocationLists } from "../x509/revocation/list.ts";
