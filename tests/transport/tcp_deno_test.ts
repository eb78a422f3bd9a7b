import { dial, listen } from "../../src/transport/deno.ts";
import { testTcp } from "./_tcp.ts";

testTcp("deno", { on: ["deno"] }, { dial, listen, resets: false });
