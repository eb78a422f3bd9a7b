/** The additional data of TLS 1.2 records, which the MAC covers too: sequence number, type, version and length. */

/** The length of {@link additionalData}. */
export const ADDITIONAL_DATA_LENGTH = 13;
const VERSION = 0x0303;

/** Returns seq_num + type + version + length: the additional data of RFC 5246 sections 6.2.3.1 and 6.2.3.3. */
export function additionalData(sequence: number, type: number, length: number): Uint8Array {
  const header = new Uint8Array(ADDITIONAL_DATA_LENGTH);
  header.set(sequenceBytes(sequence));
  header[8] = type;
  header[9] = VERSION >> 8;
  header[10] = VERSION & 0xff;
  header[11] = length >> 8;
  header[12] = length & 0xff;
  return header;
}

/** Returns a sequence number as 8 bytes. */
export function sequenceBytes(sequence: number): Uint8Array {
  const bytes = new Uint8Array(8);
  for (let i = 7, rest = sequence; rest > 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest;
  return bytes;
}
