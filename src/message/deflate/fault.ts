import { ChannelError } from "../../errors.ts";

/** The error for a payload that is not one whole, valid DEFLATE stream. */
export function fault(what: string): ChannelError {
  return new ChannelError("protocol", `a compressed message ${what}`);
}
