/** How far back a match of DEFLATE may reach (RFC 1951 section 2), and so the most that a dictionary may hold. */
export const WINDOW_SIZE = 32_768;
