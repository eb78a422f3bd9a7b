/** UTCTime and GeneralizedTime, exactly as RFC 5280 section 4.1.2.5 restricts them. */

import { ChannelError } from "../errors.ts";

/** Reads a UTCTime, `YYMMDDHHMMSSZ`: years 1950 to 2049 (RFC 5280 section 4.1.2.5.1). */
export function decodeUtcTime(contents: Uint8Array): Date {
  const fields = digitPairs(contents, 6);
  return instant((fields[0] >= 50 ? 1900 : 2000) + fields[0], fields.slice(1));
}

/** Reads a GeneralizedTime, `YYYYMMDDHHMMSSZ`, without fractions of a second (RFC 5280 section 4.1.2.5.2). */
export function decodeGeneralizedTime(contents: Uint8Array): Date {
  const fields = digitPairs(contents, 7);
  return instant(fields[0] * 100 + fields[1], fields.slice(2));
}

/** Returns `YYYYMMDDHHMMSSZ`; throws `RangeError` if the year does not have four digits. */
export function encodeGeneralizedTime(date: Date): string {
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new RangeError("the date has no four-digit year");
  return `${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
}

function digitPairs(contents: Uint8Array, count: number): number[] {
  if (contents.length !== 2 * count + 1 || contents[2 * count] !== 0x5a) {
    throw new ChannelError("malformed", "a time is not in the form that RFC 5280 requires");
  }
  return Array.from({ length: count }, (_, i) => digit(contents[2 * i]) * 10 + digit(contents[2 * i + 1]));
}

function digit(byte: number): number {
  if (byte < 0x30 || byte > 0x39) {
    throw new ChannelError("malformed", "a time has a character that is not a digit");
  }
  return byte - 0x30;
}

function instant(year: number, [month, day, hour, minute, second]: readonly number[]): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // Date accepts fields that are out of range (February 30 becomes March 1), so its fields are compared with those that were
  // read.
  const exact = date.getUTCMonth() === month - 1 && date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute && date.getUTCSeconds() === second;
  if (!exact) throw new ChannelError("malformed", "a time is not a valid date");
  return date;
}
