import { dial, listen } from "../../src/transport/deno.ts";
import { testServing } from "./_serving.ts";

testServing("serve, deno", { on: ["deno"] }, async () => {
  const listener = await listen();
  return { listener, dial: () => dial(listener) };
});
