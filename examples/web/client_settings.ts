/** What the page is told about the server; none of it is secret. */

/** The configuration of a client. */
export interface Expectations {
  /** The server's name, which its certificate must have. */
  readonly serverName: string;
  /** The trusted root, as PEM. */
  readonly roots: string;
  /** The pin of the server's RSA key. */
  readonly pin: string;
  /** The server's X25519 public key, in hexadecimal. */
  readonly nativeKey: string;
}

/** The right values, and wrong ones to show refusals. */
export interface ClientSettings extends Expectations {
  /** The pin of the server's other RSA key, of 1024 bits. */
  readonly weakPin: string;
  readonly wrong: Expectations;
}
