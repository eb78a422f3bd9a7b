/**
 * The Noise Protocol Framework, revision 34 (https://noiseprotocol.org/noise.html): the patterns and states on which the
 * `native` setting is built, for independent use.
 *
 * All one-way, interactive and deferred patterns with the modifiers `psk0` to `psk4` are supported, in protocols named
 * `Noise_<pattern>_25519_<ChaChaPoly|AESGCM>_<SHA256|SHA512|BLAKE2s|BLAKE2b>`.
 *
 * @example
 * ```ts
 * import { HandshakeState, protocolByName } from "@fesa/channel/noise";
 *
 * const protocol = protocolByName("Noise_NNpsk0_25519_ChaChaPoly_SHA256");
 * const psks = [crypto.getRandomValues(new Uint8Array(32))];
 * const alice = new HandshakeState(protocol, { initiator: true, psks });
 * const bob = new HandshakeState(protocol, { initiator: false, psks });
 * bob.readMessage(alice.writeMessage());
 * alice.readMessage(bob.writeMessage());
 * console.log(alice.complete, bob.complete);
 * ```
 *
 * @module
 */

export { ChannelError, type ChannelErrorOptions, type ErrorCode } from "../errors.ts";
export type { Aead, AeadAlgorithm } from "../crypto/aead.ts";
export type { Hash } from "../crypto/hash.ts";
export type { RandomBytes } from "../crypto/random.ts";
export type { KeyAgreement, KeyPair } from "../crypto/ec/key_agreement.ts";
export { CipherState } from "./cipher_state.ts";
export { type HandshakeOptions, HandshakeState } from "./handshake_state.ts";
export { generateKeyPair } from "./key_pair.ts";
export type { HandshakePattern, MessagePattern, Token } from "./pattern.ts";
export type { CryptoChoice } from "../platform/choose.ts";
export type { Cipher, CipherName, Protocol } from "./protocol.ts";
export { cipherByName, type CryptoOptions, protocolByName } from "./protocol_name.ts";
export { deriveSecret } from "./secret.ts";
export { SymmetricState } from "./symmetric_state.ts";
