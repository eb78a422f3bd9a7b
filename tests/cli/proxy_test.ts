/** Runs the nginx configurations of docs/deployment.md in front of the tool, on ports of this machine. */
import { readFile } from "node:fs/promises";
import { assert, test } from "../_kit/mod.ts";
import { freePort } from "../_kit/peer.ts";
import { ROOT } from "../../tools/runtimes.ts";
import { install, Reader } from "./_guide.ts";
import { inFolder } from "./_kit.ts";

test("deployment.md: channels through nginx, as a stream and in WebSockets over TLS", {
  needs: ["processes", "nginx", "openssl"],
  on: ["node"],
}, async () => {
  await inFolder(async (path) => {
    const [stream, web, ...servers] = await Promise.all(Array.from({ length: 5 }, freePort));
    await install(path);
    await using reader = new Reader(path("."));
    const run = (text: string, output?: string) => reader.follow({ kind: "run", text, output });
    const names = "-subj /CN=localhost -addext subjectAltName=DNS:localhost";
    await run("fesa ca && fesa csr --san app.example && fesa sign");
    await run(`openssl req -x509 -newkey rsa:2048 -nodes -keyout web-key.pem -out web.pem ${names}`);
    await reader.follow({
      kind: "file",
      name: "nginx.conf",
      text: await nginxConfig(path("."), stream, web, servers),
    });

    const own = "--setting certificate --certificate certificate.pem --key key.pem";
    const serve = (index: number, more = "") =>
      reader.start(`exec fesa serve --listen 127.0.0.1:${servers[index]} ${own} ${more}`);
    await using first = serve(0);
    await using second = serve(1);
    await using webSocket = serve(2, "--websocket");
    await using nginx = reader.start(`exec nginx -e stderr -c "$PWD/nginx.conf"`);
    for (const server of [first, second, webSocket]) await server.says(/^listening on /m);
    await nginx.says(/start worker process/);

    const trust = "--setting certificate --roots ca/root.pem --name app.example 2> /dev/null";
    await run(
      `for i in 1 2; do echo $i | fesa connect 127.0.0.1:${stream} ${trust}; done
       echo in TLS | NODE_EXTRA_CA_CERTS=web.pem fesa connect wss://localhost:${web}/channel ${trust}`,
      "1\n2\nin TLS\n",
    );
    for (const { output } of [first, second, webSocket]) assert.match(output, /: certificate, TLS 1\.3, /);
  });
});

/** Returns the guide's configurations, with these ports and the test's folder in place of the guide's. */
async function nginxConfig(
  folder: string,
  stream: number,
  web: number,
  servers: readonly number[],
): Promise<string> {
  const guide = await readFile(`${ROOT}docs/deployment.md`, "utf8");
  const [streams, server] = Array.from(guide.matchAll(/^```nginx\n([^]*?)^```/gm), ([, text]) => text);
  const places: readonly (readonly [string, string])[] = [
    ["server 10.0.0.1:4433", `server 127.0.0.1:${servers[0]}`],
    ["server 10.0.0.2:4433", `server 127.0.0.1:${servers[1]}`],
    ["listen 4433 ", `listen 127.0.0.1:${stream} `],
    ["listen 443 ", `listen 127.0.0.1:${web} `],
    ["//127.0.0.1:4433", `//127.0.0.1:${servers[2]}`],
    ["/etc/nginx/web.pem", `${folder}/web.pem`],
    ["/etc/nginx/web-key.pem", `${folder}/web-key.pem`],
  ];
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) =>
    `${name}_temp_path ${folder}/tmp;`
  );
  const config = `include /etc/nginx/modules-enabled/*.conf;
    daemon off; pid ${folder}/nginx.pid; error_log stderr notice; events {}
    ${streams}
    http { access_log off; ${temporary.join(" ")} ${server} }`;
  return places.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), from);
    return text.replace(from, to);
  }, config);
}
