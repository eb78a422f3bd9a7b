/** The contents of the diagrams in docs/handshakes/: the messages of a handshake in each setting, in order. */

export type Side = "client" | "server";

/** The messages that a side sends together, one per line. */
export interface Arrow {
  readonly from: Side;
  readonly sends: readonly string[];
  readonly encrypted?: boolean;
}

/** An action of a side between two arrows. */
export interface Note {
  readonly at: Side;
  readonly does: readonly string[];
}

export type Step = Arrow | Note;

export interface Diagram {
  /** In lines. */
  readonly title: readonly string[];
  readonly steps: readonly Step[];
}

const FIRST_MESSAGES: readonly Step[] = [
  { from: "client", sends: ["messages"], encrypted: true },
  { from: "server", sends: ["messages"], encrypted: true },
];

/** The diagrams by the names of their files. */
export const DIAGRAMS: Readonly<Record<string, Diagram>> = {
  "certificate": {
    title: ["certificate: TLS 1.3", "RFC 8446 section 2"],
    steps: [
      {
        from: "client",
        sends: [
          "ClientHello: random, cipher suites, server_name,",
          "key shares for X25519MLKEM768 and x25519",
        ],
      },
      { from: "server", sends: ["ServerHello: random, cipher suite, one key share"] },
      { at: "server", does: ["derives the handshake keys"] },
      {
        from: "server",
        sends: [
          "EncryptedExtensions",
          "Certificate: X.509 chain",
          "CertificateVerify: signature",
          "Finished",
        ],
        encrypted: true,
      },
      {
        at: "client",
        does: ["derives the same keys,", "verifies chain, name, signature", "and Finished"],
      },
      { from: "client", sends: ["Finished"], encrypted: true },
      ...FIRST_MESSAGES,
    ],
  },
  "key": {
    title: ["key: TLS 1.3 with a raw public key", "RFC 8446 section 2, RFC 7250"],
    steps: [
      {
        from: "client",
        sends: ["ClientHello: as for certificate, and", "server_certificate_type RawPublicKey"],
      },
      { from: "server", sends: ["ServerHello: random, cipher suite, one key share"] },
      { at: "server", does: ["derives the handshake keys"] },
      {
        from: "server",
        sends: [
          "EncryptedExtensions",
          "Certificate: SubjectPublicKeyInfo",
          "CertificateVerify: signature",
          "Finished",
        ],
        encrypted: true,
      },
      {
        at: "client",
        does: ["derives the same keys,", "compares the key with its pin,", "verifies signature and Finished"],
      },
      { from: "client", sends: ["Finished"], encrypted: true },
      ...FIRST_MESSAGES,
    ],
  },
  "tls12-ecdhe": {
    title: [
      "certificate or key: TLS 1.2 with ECDHE",
      "for a peer without TLS 1.3; RFC 8422 section 2",
    ],
    steps: [
      { from: "client", sends: ["ClientHello: random, cipher suites, server_name"] },
      {
        from: "server",
        sends: [
          "ServerHello: random, cipher suite",
          "Certificate",
          "ServerKeyExchange: share, signature",
          "ServerHelloDone",
        ],
      },
      { at: "client", does: ["verifies certificate or pin,", "and the signature"] },
      { from: "client", sends: ["ClientKeyExchange: share", "ChangeCipherSpec"] },
      { from: "client", sends: ["Finished"], encrypted: true },
      { from: "server", sends: ["ChangeCipherSpec"] },
      { from: "server", sends: ["Finished"], encrypted: true },
      ...FIRST_MESSAGES,
    ],
  },
  "tls12-rsa": {
    title: [
      "certificate or key: FESA's exchange in TLS 1.2",
      'keyExchange: "RSA"; RFC 5246 section 7.4.7.1',
    ],
    steps: [
      { from: "client", sends: ["ClientHello: random, cipher suites, server_name"] },
      { from: "server", sends: ["ServerHello: random, cipher suite", "Certificate", "ServerHelloDone"] },
      { at: "client", does: ["verifies certificate or pin"] },
      {
        from: "client",
        sends: [
          "ClientKeyExchange: pre-master secret,",
          "encrypted under the server's RSA key",
          "ChangeCipherSpec",
        ],
      },
      { from: "client", sends: ["Finished"], encrypted: true },
      { at: "server", does: ["decrypts the secret,", "derives the same keys"] },
      { from: "server", sends: ["ChangeCipherSpec"] },
      { from: "server", sends: ["Finished: shows that it has the RSA key"], encrypted: true },
      ...FIRST_MESSAGES,
    ],
  },
  "native": {
    title: ["native with a secret, 105 bytes", "Noise_NNpsk0_25519_ChaChaPoly_SHA256"],
    steps: [
      {
        from: "client",
        sends: [
          "preface, 7 bytes: version, pattern, options",
          "message 1, 48 bytes: ephemeral key,",
          "tag under the secret",
        ],
      },
      { at: "server", does: ["checks the tag,", "derives the keys"] },
      {
        from: "server",
        sends: [
          "accepted, 1 byte",
          "message 2, 49 bytes: ephemeral key,",
          "sealed compression mode",
        ],
      },
      ...FIRST_MESSAGES,
    ],
  },
  "off": {
    title: ["off: nothing is protected, 9 bytes"],
    steps: [
      { from: "client", sends: ["preface, 7 bytes: version, request, options"] },
      { from: "server", sends: ["accepted and the compression mode, 2 bytes"] },
      { from: "client", sends: ["messages"] },
      { from: "server", sends: ["messages"] },
    ],
  },
};
