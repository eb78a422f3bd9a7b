import { der, readDer } from "../../src/asn1/mod.ts";
import { concat } from "../../src/bytes.ts";

/** Returns BER of the same value. All constructed lengths are indefinite, and long OCTET STRINGs have two segments. */
export function ber(bytes: Uint8Array): Uint8Array {
  return readDer(bytes, "the test", (reader) => {
    const { tag, contents } = reader.any();
    const indefinite = (identifier: number, ...parts: readonly Uint8Array[]) =>
      concat(Uint8Array.of(identifier, 0x80), ...parts, new Uint8Array(2));
    const pieces = () => [contents.subarray(0, 40), contents.subarray(40)].map((one) => der.octetString(one));
    if (tag === 0x04 && contents.length > 80) return indefinite(0x24, ...pieces());
    if (tag === 0x80) return indefinite(0xa0, ...pieces());
    if ((tag & 0x20) === 0) return bytes;
    const inner = reader.nested(contents);
    const parts: Uint8Array[] = [];
    while (!inner.done) parts.push(ber(inner.any().encoding));
    return indefinite(tag, ...parts);
  });
}
