/** Runs the Python client in docs/protocol.md. */
import { readFileSync } from "node:fs";
import { assert, test } from "../_kit/mod.ts";
import { Files } from "../_kit/files.ts";
import { PeerProgram } from "../_kit/peer.ts";
import { serve } from "../../mod.ts";
import { listen } from "../../src/transport/node.ts";
import { bytes, echo, offers, root, serverName } from "../channel/_helpers.ts";

const document = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
const client = /## A client in Python[^]*?```python\n([^]*?)```/.exec(document)![1];

test(
  "protocol.md: its Python client exchanges messages with a server of ours",
  { needs: ["python3"] },
  async () => {
    using files = new Files();
    const script = files.write("client.py", client);
    const roots = files.write("roots.pem", root.pem);
    const failures: unknown[] = [];
    const listener = await listen();
    const onError = (error: unknown) => failures.push(error);
    await using _server = serve(listener, { security: [offers.certificate], onError }, echo);
    for (const size of [0, 5, 1_000_000]) {
      const message = bytes(size);
      await using program = new PeerProgram([
        "python3",
        script,
        listener.host,
        String(listener.port),
        roots,
        serverName,
      ]);
      program.input(message);
      program.endInput();
      assert.equal(await program.exitCode(), 0, program.errors);
      assert.deepEqual(await program.output(), message);
    }
    assert.deepEqual(failures, []);
  },
);
