/** Run by Node, Deno and Bun; in a page, the title tells. */
import { roundTrips } from "./round_trips.ts";

await roundTrips();
console.log("round trips done");
if (typeof document !== "undefined") document.title = "round trips done";
