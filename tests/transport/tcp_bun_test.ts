import { dial, listen } from "../../src/transport/bun.ts";
import { testTcp } from "./_tcp.ts";

testTcp("bun", { on: ["bun"] }, { dial, listen, resets: true });
