/** A secure channel between a client and a server, over anything that carries bytes. @module */

export * from "./src/errors.ts";
