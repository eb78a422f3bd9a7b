/** The flags of a frame. */

/** The payload is DEFLATE data (RFC 1951). */
export const DEFLATED = 0x01;

/** The message enters the streaming context. */
export const IN_CONTEXT = 0x02;
