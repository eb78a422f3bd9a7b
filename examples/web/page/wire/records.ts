/** The parts of a record after the handshake. */

/** The purpose of a part. */
export type PartKind = "header" | "nonce" | "sealed" | "tag" | "plain";

/** A part of a record. */
export interface RecordPart {
  readonly kind: PartKind;
  readonly name: string;
  readonly length: number;
}

/** How a cipher lays out its records: bytes before and after their content, and where the length is. */
interface Layout {
  readonly header: number;
  readonly nonce: number;
  readonly nonceName?: string;
  readonly tag: number;
  readonly tagName?: string;
}

const TLS13: Layout = { header: 5, nonce: 0, tag: 16 };
const TLS_GCM: Layout = { header: 5, nonce: 8, tag: 16 };
const TLS_3DES: Layout = { header: 5, nonce: 8, nonceName: "IV", tag: 20, tagName: "MAC" };
const NOISE: Layout = { header: 2, nonce: 0, tag: 16 };
const PLAIN: Layout = { header: 2, nonce: 0, tag: 0 };

const LAYOUTS: Readonly<Record<string, Layout>> = {
  TLS_AES_256_GCM_SHA384: TLS13, // RFC 8446 section 5.2: the content type is encrypted, too
  TLS_CHACHA20_POLY1305_SHA256: TLS13,
  TLS_RSA_WITH_AES_256_GCM_SHA384: TLS_GCM, // RFC 5288 section 3
  TLS_RSA_WITH_3DES_EDE_CBC_SHA: TLS_3DES, // with encrypt-then-MAC, RFC 7366
  ChaChaPoly: NOISE,
  none: PLAIN,
};

/** Returns the parts of complete records, by the cipher suite in a channel's `info`. */
export function recordParts(bytes: Uint8Array, cipherSuite: string): RecordPart[] {
  const layout = LAYOUTS[cipherSuite];
  const parts: RecordPart[] = [];
  for (let offset = 0; offset + layout.header <= bytes.length;) {
    const length = bytes[offset + layout.header - 2] << 8 | bytes[offset + layout.header - 1];
    parts.push(...oneRecord(layout, length));
    offset += layout.header + length;
  }
  return parts;
}

function oneRecord({ header, nonce, nonceName = "nonce", tag, tagName = "tag" }: Layout, length: number) {
  const parts: RecordPart[] = [
    { kind: "header", name: "header", length: header },
    { kind: "nonce", name: nonceName, length: nonce },
    tag > 0
      ? { kind: "sealed", name: "encrypted", length: length - nonce - tag }
      : { kind: "plain", name: "in the clear", length },
    { kind: "tag", name: tagName, length: tag },
  ];
  return parts.filter((part) => part.length > 0);
}
