import { ChannelError } from "../../errors.ts";

/** Returns the error for a payload that is not exactly one valid DEFLATE stream. */
export function fault(what: string): ChannelError {
  return new ChannelError("protocol", `a compressed message ${what}`);
}
