/** Run by Node, Deno and Bun, and in a page, where the title shows the result. */
import { roundTrips } from "./round_trips.ts";

await roundTrips();
console.log("round trips done");
if (typeof document !== "undefined") document.title = "round trips done";
