/** Runs `fesa serve` and other commands that listen, during a test. */

import { writeFile } from "node:fs/promises";
import { assert } from "../_kit/mod.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { root, serverCertificate } from "../_kit/pki.ts";
import { exportPrivateKey } from "../../src/x509/mod.ts";
import { fesa, type Ran, type RunOptions } from "./_kit.ts";

/** The pin of the server's key. */
export const PIN: string = serverCertificate(rsa2048).pin;

/** Writes the files that a server and its clients need into a folder. */
export async function prepare(path: (name: string) => string): Promise<void> {
  await writeFile(path("root.pem"), root.certificate.pem);
  await writeFile(path("chain.pem"), serverCertificate(rsa2048).pem);
  await writeFile(path("key.pem"), exportPrivateKey(rsa2048), { mode: 0o600 });
  await writeFile(path("secret"), "ab".repeat(32) + "\n");
}

/** Runs a command that listens, calls `work` with its address, interrupts the command afterwards, and returns its result. */
export async function listening(
  words: readonly string[],
  work: (address: string) => Promise<void>,
  options: Pick<RunOptions, "answer" | "hangup" | "onErrors"> = {},
): Promise<Ran> {
  const interruption = new AbortController();
  let found = (_address: string) => {};
  const address = new Promise<string>((resolve) => found = resolve);
  const running = fesa(words, {
    ...options,
    signal: interruption.signal,
    onOutput: (text) => {
      const match = /^listening on (\S+)\n/.exec(text);
      if (match) found(match[1]);
    },
  });
  try {
    const first = await Promise.race([address, running]);
    assert.ok(
      typeof first === "string",
      typeof first === "string" ? "" : `${words.join(" ")}: ${first.stderr}`,
    );
    await work(first);
  } finally {
    interruption.abort();
  }
  const ran = await running;
  assert.equal(ran.code, 0, ran.stderr);
  return ran;
}
