/** The states of the Noise specification with their algorithms by name, out of all that there are. */

import { CipherState as CipherStateOf } from "./cipher_state.ts";
import { type HandshakeOptions, HandshakeState as HandshakeStateOf } from "./handshake_state.ts";
import { cipherByName, type CipherName, parseProtocolName } from "./protocol_name.ts";
import { SymmetricState as SymmetricStateOf } from "./symmetric_state.ts";

/**
 * A key and a nonce that counts the messages under it: the CipherState of the specification. Without a key it passes
 * everything through.
 *
 * @example
 * ```ts
 * import { CipherState } from "@fesa/channel/noise";
 *
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * const sender = new CipherState("ChaChaPoly");
 * const receiver = new CipherState("ChaChaPoly");
 * sender.initializeKey(key);
 * receiver.initializeKey(key);
 * const none = new Uint8Array();
 * const ciphertext = sender.encryptWithAd(none, new TextEncoder().encode("hello"));
 * console.log(new TextDecoder().decode(receiver.decryptWithAd(none, ciphertext)));
 * ```
 */
export class CipherState extends CipherStateOf {
  /**
   * A CipherState without a key.
   *
   * @throws {RangeError} no cipher has this name.
   */
  constructor(cipher: CipherName) {
    super(cipherByName(cipher));
  }
}

/**
 * What a handshake has agreed so far: the SymmetricState of the specification.
 *
 * @example
 * ```ts
 * import { SymmetricState } from "@fesa/channel/noise";
 *
 * const [here, there] = [1, 2].map(() => new SymmetricState("Noise_NN_25519_ChaChaPoly_SHA256"));
 * for (const state of [here, there]) state.mixKey(new Uint8Array(32));
 * const ciphertext = here.encryptAndHash(new TextEncoder().encode("hello"));
 * console.log(new TextDecoder().decode(there.decryptAndHash(ciphertext)));
 * ```
 */
export class SymmetricState extends SymmetricStateOf {
  /**
   * InitializeSymmetric.
   *
   * @param protocolName Such as `Noise_XX_25519_ChaChaPoly_SHA256`.
   * @throws {RangeError} the protocol name is not known.
   */
  constructor(protocolName: string) {
    super(parseProtocolName(protocolName));
  }
}

/**
 * A handshake in progress: the HandshakeState of the specification. Messages are written and read in turn until
 * {@link HandshakeState.complete}; then {@link HandshakeState.split} gives the ciphers for the data. After an error
 * the handshake is dead.
 *
 * @example
 * ```ts
 * import { generateKeyPair, HandshakeState } from "@fesa/channel/noise";
 *
 * const server = generateKeyPair();
 * const name = "Noise_NK_25519_ChaChaPoly_SHA256";
 * const initiator = new HandshakeState(name, { initiator: true, rs: server.publicKey });
 * const responder = new HandshakeState(name, { initiator: false, s: server });
 *
 * responder.readMessage(initiator.writeMessage());
 * initiator.readMessage(responder.writeMessage());
 * const [sender] = initiator.split();
 * const [receiver] = responder.split();
 * const none = new Uint8Array();
 * const ciphertext = sender.encryptWithAd(none, new TextEncoder().encode("hello"));
 * console.log(new TextDecoder().decode(receiver.decryptWithAd(none, ciphertext)));
 * ```
 */
export class HandshakeState extends HandshakeStateOf {
  /**
   * Initialize.
   *
   * @param protocolName Such as `Noise_XXpsk3_25519_ChaChaPoly_SHA256`.
   * @throws {RangeError} the protocol name is not known, or a key has not 32 bytes.
   * @throws {TypeError} a key that the pattern needs is missing, or one is given that it has no place for.
   */
  constructor(protocolName: string, options: HandshakeOptions) {
    super(parseProtocolName(protocolName), options);
  }
}
