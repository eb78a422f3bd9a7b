/** What the page is told about the server: no secret is among it. */

/** What a client is configured with. */
export interface Expectations {
  /** The server's name, which its certificate has to have. */
  readonly serverName: string;
  /** The trusted root, as PEM. */
  readonly roots: string;
  /** The pin of the server's RSA key. */
  readonly pin: string;
  /** The server's X25519 public key, in hexadecimal. */
  readonly nativeKey: string;
}

/** What is right, and what is wrong, so that a person can see a refusal. */
export interface ClientSettings extends Expectations {
  /** The pin of the server's other RSA key, of 1024 bits. */
  readonly weakPin: string;
  readonly wrong: Expectations;
}
