import { dial, listen } from "../../src/transport/deno.ts";
import type { Listener, ServedTransport, Transport } from "../../mod.ts";
import { testServing } from "./_serving.ts";

testServing("serve, deno", { on: ["deno"] }, async () => {
  const listener = await listen();
  return { listener, dial: () => dial(listener) };
});

interface DenoRuntime {
  listen(options: object): Listener<ServedTransport> & { readonly addr: { readonly port: number } };
  connect(options: object): Promise<Transport>;
}

testServing("serve, Deno.listen and Deno.Conn as they are", { on: ["deno"] }, () => {
  const { Deno } = globalThis as unknown as { Deno: DenoRuntime };
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const dial = () => Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  return Promise.resolve({ listener, dial });
});
