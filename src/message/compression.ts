/** What compresses each message for itself, and what inflates: together, since one is hardly loaded without the other. */

export { MessageCompressor } from "./compress.ts";
export { Inflater } from "./inflate.ts";
