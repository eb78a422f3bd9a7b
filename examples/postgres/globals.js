/** Globals that Node's modules expect; pages.ts adds them to its page. */
export { Buffer } from "node:buffer";
export { default as process } from "node:process";
