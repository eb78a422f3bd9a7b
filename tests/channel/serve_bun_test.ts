import { dial, listen } from "../../src/transport/bun.ts";
import { testServing } from "./_serving.ts";

testServing("serve, bun", { on: ["bun"] }, async () => {
  const listener = await listen();
  return { listener, dial: () => dial(listener) };
});
