/** What Node's modules expect to be global, for pages.ts to put into its page. */
export { Buffer } from "node:buffer";
export { default as process } from "node:process";
