/**
 * The guides' commands, each run as it stands, in a folder of its own:
 *
 * - "```sh" is run and has to succeed, "```sh fails" has to fail;
 * - "```sh server" is started, and ends at the next one or with the guide; $SERVER is its process id;
 * - "```text" after one of them is what it prints; … stands for anything;
 * - "```js ignore NAME" is a file of that name;
 * - "```sh ignore" is not run.
 */
import { readFile } from "node:fs/promises";
import { assert, type Need, test } from "../_kit/mod.ts";
import { freePort } from "../_kit/peer.ts";
import { until } from "../_kit/until.ts";
import { ROOT } from "../../tools/runtimes.ts";
import { type Block, blocksOf, install, Reader } from "./_guide.ts";
import { inFolder } from "./_kit.ts";

const GUIDES: Readonly<Record<string, readonly Need[]>> = {
  "getting-started": [],
  runtimes: [],
  certificates: ["openssl"],
  upgrading: [],
  deployment: [],
  debugging: ["openssl", "gnutls-cli"],
  tool: [],
};

for (const [name, needs] of Object.entries(GUIDES)) {
  test(
    `docs/${name}.md: its commands do what it says`,
    { needs: ["processes", ...needs], on: ["node"] }, // a guide starts dozens of programs
    async () => {
      await inFolder(async (path) => {
        const blocks = await readGuide(name, await freePort());
        assert.ok(blocks.length > 2);
        await install(path);
        await using reader = new Reader(path("."));
        for (const block of blocks) await reader.follow(block);
      });
    },
  );
}

test("docs/runtimes.md: its workers, in workerd", { needs: ["processes"], on: ["node"] }, async () => {
  await inFolder(async (path) => {
    const [port, asClient, asServer] = [await freePort(), await freePort(), await freePort()];
    const files = (await readGuide("runtimes", port)).filter(({ kind }) => kind === "file");
    const config = workerdConfig({ "worker.js": asClient, "worker-server.js": asServer });
    const bundle = "--bundle --format=esm --external:cloudflare:* --outdir=out --log-level=warning";
    const native = "--setting native --secret-file secret";
    const blocks: Block[] = [
      ...files,
      { kind: "file", name: "config.capnp", text: config },
      { kind: "file", name: "secret", text: SECRET },
      { kind: "run", text: `esbuild worker.js worker-server.js ${bundle}` },
      { kind: "server", text: `fesa serve --listen 127.0.0.1:${port} ${native}` },
    ];
    await install(path);
    await using reader = new Reader(path("."));
    for (const block of blocks) await reader.follow(block);
    await using workers = reader.start("exec workerd serve config.capnp");
    const answer = async () => await (await fetch(`http://127.0.0.1:${asClient}/`)).text();
    assert.equal(await until(answer, { about: () => workers.output }), "hello from a worker"); // once it listens
    await reader.follow({
      kind: "run",
      text: `echo to the edge | fesa connect ws://127.0.0.1:${asServer}/ ${native} 2> /dev/null`,
      output: "to the edge\n",
    });
  });
});

test("docs/debugging.md: has every error code, and every reason against a certificate", {
  needs: ["processes"],
}, async () => {
  const guide = await readFile(`${ROOT}docs/debugging.md`, "utf8");
  const errors = await readFile(`${ROOT}src/errors.ts`, "utf8");
  for (const type of ["ErrorCode", "CertificateReason"]) {
    const [, union] = new RegExp(`type ${type} =([^;]*);`).exec(errors)!;
    const names = Array.from(union.matchAll(/"(\w+)"/g), ([, name]) => name);
    assert.ok(names.length > 10);
    for (const name of names) assert.match(guide, new RegExp(`^\\| .*\`${name}\``, "m"), name);
  }
});

/** Returns the blocks of a guide, with free ports in place of the guide's. */
async function readGuide(name: string, port: number): Promise<Block[]> {
  const guide = await readFile(`${ROOT}docs/${name}.md`, "utf8");
  return blocksOf(guide.replaceAll("4433", String(port)));
}

const SECRET = "5a".repeat(32);

/** Runs the workers in the folder `out` on ports of this machine. */
function workerdConfig(workers: Readonly<Record<string, number>>): string {
  const all = Object.entries(workers);
  const services = all.map(([file]) =>
    `(name = "${file}", worker = (
      modules = [(name = "worker", esModule = embed "out/${file}")],
      compatibilityDate = "2026-01-01",
      bindings = [(name = "HOST", text = "127.0.0.1"), (name = "SECRET", text = "${SECRET}")],
    ))`
  );
  const sockets = all.map(([file, port]) =>
    `(name = "${file}", address = "127.0.0.1:${port}", http = (), service = "${file}")`
  );
  return `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [${services}, (name = "internet", network = (allow = ["local"]))],
      sockets = [${sockets}],
    );`;
}
