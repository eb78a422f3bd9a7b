import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { assert, test } from "../_kit/mod.ts";
import { DENO_RUN } from "../_kit/deno_run.ts";
import { Files } from "../_kit/files.ts";

const run = promisify(execFile);

test("webtransport: Deno's client and server over QUIC", { on: ["deno"], needs: ["openssl"] }, async () => {
  using files = new Files();
  const [cert, key] = [`${files.path}/cert.pem`, `${files.path}/key.pem`];
  // A certificate that serverCertificateHashes accepts: ECDSA, valid for at most two weeks.
  const making =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 10 -subj /CN=localhost";
  await run("openssl", [...making.split(" "), "-keyout", key, "-out", cert]);
  const program = new URL("_webtransport.ts", import.meta.url).pathname;
  const options = [...DENO_RUN, "--unstable-net", program, cert, key];
  const { stdout } = await run(process.execPath, options);
  assert.match(stdout, /all went well/);
});
