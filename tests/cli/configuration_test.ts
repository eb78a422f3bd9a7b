import { existsSync, renameSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import process from "node:process";
import { assert, test } from "../_kit/mod.ts";
import { rsa1024, rsa2048, rsa3072 } from "../_kit/keys.ts";
import { serverCertificate } from "../_kit/pki.ts";
import { until } from "../_kit/until.ts";
import { parseJsonWithComments } from "../../src/cli/server/json_with_comments.ts";
import { ACME_OPTIONS } from "../../src/cli/acme/config.ts";
import { serve as serveCommand } from "../../src/cli/commands/serve.ts";
import { SERVER_FIELDS, SETTING_FIELDS } from "../../src/cli/server/arguments.ts";
import { checkServerConfig } from "../../src/cli/server/config.ts";
import { SERVER_LIMITS } from "../../src/cli/server/limits.ts";
import { serverConfigSchema } from "../../src/cli/server/schema.ts";
import { dial } from "../../src/transport/node.ts";
import { exportPrivateKey } from "../../src/x509/mod.ts";
import { connect } from "../../mod.ts";
import { fesa, inFolder, input, refused } from "./_kit.ts";
import { listening, PIN, prepare } from "./_serving.ts";

/** A public key as text. */
const NATIVE_KEY = `x25519:${"A".repeat(43)}=`;

test("serve and connect: wrong arguments", async () => {
  const serve = ["serve", "--listen", "127.0.0.1:0"];
  const connect = ["connect", "127.0.0.1:1"];
  const wrong: [string[], RegExp][] = [
    [["serve", "--setting", "off"], /--listen is missing/],
    [serve, /--setting is missing/],
    [[...serve, "--setting", "tls"], /serve: --setting is not one of certificate, key/],
    [[...serve, "--setting", "tls", "--key", "k"], /serve: --setting is not one of certificate, key/],
    [[...serve, "--setting", "key"], /serve: --key is missing/],
    [
      [...serve, "--setting", "off", "--setting", "native"],
      /native needs one of --secret-file, --native-key and --trust-anyone/,
    ],
    [[...serve, "--setting", "off", "--setting", "off"], /one --setting is given twice/],
    [[...serve, "--setting", "off", "--key", "k"], /--key is not for the setting off/],
    [
      [...serve, "--setting", "off", "--setting", "native", "--trust-anyone", "--allow-weak"],
      /--allow-weak is not for the setting off or native/,
    ],
    [[...serve, "--setting", "key", "--key", "k", "--alpn", "h2"], /serve: --alpn needs forward/],
    [
      [...serve, "--setting", "key", "--key", "k", "--forward", "a:1", "--alpn", "fesa/1"],
      /serve: --alpn: fesa\/1 is not an ALPN protocol/,
    ],
    [[...serve, "--setting", "off", "--forward", "a:1", "--alpn", "h2"], /--alpn is not for the setting off/],
    [[...serve, "--setting", "off", "--forward", "nonsense"], /serve: --forward is HOST:PORT, not nonsense/],
    [[...serve, "--setting", "key", "--key", "k", "--algorithm", "DES"], /serve: --algorithm is not one of/],
    [
      [...serve, "--setting", "key", "--key", "k", "--compression", "stream"],
      /serve: --compression must be off or message/,
    ],
    [[...serve, "--setting", "off", "--echo", "--forward", "a:1"], /exclude each other/],
    [["serve", "--listen", "noWhere", "--setting", "off"], /serve: --listen is HOST:PORT, not noWhere/],
    [["serve", "--listen", "127.0.0.1:65536", "--setting", "off"], /listen is HOST:PORT/],
    [
      [...serve, "--setting", "off", "--proxy-protocol", "localhost"],
      /--proxy-protocol: localhost is not an/,
    ],
    ...[
      ["--listen", "unix:s", "--setting", "off"],
      ["--listen", "0", "--setting", "off", "--receive-dir", "d"],
      ["--listen", "0", "--setting", "certificate", "--acme", "--domain", "app.example", "--agree-tos"],
    ].map((words): [string[], RegExp] => [
      ["serve", "--workers", "2", ...words],
      /--workers (is for HOST:PORT, without receiveDir and acme|needs Node)/,
    ]),
    [[...serve, "--setting", "off", "--workers", "0"], /--workers must be a whole number from 1/],
    [[...serve, "--setting", "off", "--drain", "1s"], /--drain must be a whole number from 0 to 2147483647/],
    [
      [...serve, "--setting", "key", "--key", "k", "--rekey-interval", "0"],
      /--rekey-interval must be a whole number from 1/,
    ],
    [
      [...serve, "--setting", "key", "--key", "k", "--client-roots", "r", "--client-crl-days", "x"],
      /--client-crl-days must be a whole number from 0 to 36500/,
    ],
    [["serve", "--config", "x", "--setting", "off"], /--setting cannot be used with --config/],
    [["connect", "--setting", "off"], /an argument is missing: HOST:PORT/],
    [[...connect, "--setting", "off", "more"], /unexpected argument: more/],
    [connect, /--setting is missing/],
    [[...connect, "--setting", "none"], /--setting must be one of certificate, key, native, off/],
    [[...connect, "--setting", "key"], /needs one of --pin, --known-hosts and --trust-anyone/],
    [[...connect, "--setting", "key", "--trust-anyone", "--pin", PIN], /needs one of/],
    [[...connect, "--setting", "certificate"], /--roots is missing/],
    [
      [...connect, "--setting", "native"],
      /native needs one of --secret-file, --server-key and --trust-anyone/,
    ],
    [
      [...connect, "--setting", "native", "--trust-anyone", "--secret-file", "s"],
      /native needs one of --secret-file, --server-key/,
    ],
    [[...connect, "--setting", "native", "--server-key", "x25519:x"], /a key of native is x25519: and 44/],
    [
      [...connect, "--setting", "native", "--trust-anyone", "--native-key", "k"],
      /--native-key needs --server-key/,
    ],
    [[...serve, "--setting", "off", "--key-log", "l"], /--key-log is not for the setting off/],
    [[...connect, "--setting", "off", "--key-log", "l"], /--key-log is not for the setting off/],
    [[...connect, "--setting", "native", "--roots", "r"], /--roots is not for the setting native/],
    [[...connect, "--setting", "certificate", "--pin", PIN], /--pin is not for the setting certificate/],
    [[...connect, "--setting", "off", "--trust-anyone"], /--trust-anyone is not for the setting off/],
    [
      [...connect, "--setting", "key", "--pin", PIN, "--certificate", "c"],
      /--certificate needs --key/,
    ],
    [
      [...connect, "--setting", "key", "--pin", "sha256:x"],
      /a pin must be sha256: followed by 44 characters/,
    ],
    [
      [...connect, "--setting", "key", "--compression", "stream", "--pin", PIN],
      /--compression must be off or message/,
    ],
    [[...connect, "--setting", "off", "--send", "a", "--listen", "1"], /exclude each other/],
    [
      [...serve, "--setting", "off", "--forward", "a:0"],
      /serve: --forward is HOST:PORT, with a port other than 0/,
    ],
    [
      [...serve, "--setting", "off", "--max-file-size", "1"],
      /serve: --max-file-size is for servers that receive files/,
    ],
    [[...serve, "--setting", "native", "--native-key", ""], /serve: --native-key is empty/],
    [[...serve, "--setting", "off", "--forward", "a:1", "--forward", "a:2"], /--forward is given twice/],
    [
      ["connect", "127.0.0.1:0", "--setting", "off"],
      /the server is HOST:PORT, with a port other than 0/,
    ],
    [["connect", "ws://127.0.0.1:0/", "--setting", "off"], /the port must not be 0/],
    [[...connect, "--setting", "off", "--json"], /--json is for --send/],
    [[...connect, "--setting", "key", "--pin", "x", "--key", "none"], /--pin: a pin must be sha256:/],
    [[...connect, "--setting", "certificate", "--key", "none"], /--roots is missing/],
    [[...connect, "--setting", "off", "--listen", "nowhere"], /--listen is HOST:PORT, not nowhere/],
    [
      [...connect, "--setting", "native", "--secret-file", "none", "--listen", "nowhere"],
      /--listen is HOST:PORT, not nowhere/,
    ],
    ...["", "a b", "*.example", "ünï"].map((name): [string[], RegExp] => [
      [...connect, "--setting", "certificate", "--roots", "none", "--name", name],
      /--name: ".*" is not a DNS name or an IP address/,
    ]),
    [["connect", "ws://", "--setting", "off"], /ws:\/\/ is not a URL/],
    [["connect", "http://a:1", "--setting", "off"], /the server is HOST:PORT/],
  ];
  for (const [words, message] of wrong) {
    const { stdout } = await refused(words, 2, message);
    assert.equal(stdout, "");
  }
});

test("serve --config: the example in the documentation is one", async () => {
  const documentation = await readFile(new URL("../../docs/tool.md", import.meta.url), "utf8");
  const [, example] = /```json\n(.*?)```/s.exec(documentation)!;
  const { security } = checkServerConfig(JSON.parse(example));
  assert.deepEqual(security.map(({ setting }) => setting), ["certificate", "native"]);
});

test("serve --config: comments and last commas are accepted, and the JSON Schema for editors agrees with the checks", async () => {
  const schema = await readFile(new URL("../../docs/server.schema.json", import.meta.url), "utf8");
  assert.deepEqual(JSON.parse(schema), serverConfigSchema(), "npx tsx tools/write_schema.ts writes it");
  const text = `// a server
    { "$schema": "./server.schema.json", /* where */ "listen": "127.0.0.1:0", // "watch": true
      "security": [{ "setting": "off", }, ], "receiveDir": "//no /* comment */,]", // the end
    }`;
  assert.deepEqual(parseJsonWithComments(text), {
    $schema: "./server.schema.json",
    listen: "127.0.0.1:0",
    security: [{ setting: "off" }],
    receiveDir: "//no /* comment */,]",
  });
  checkServerConfig(parseJsonWithComments(text));
  for (
    const wrong of ["/* {}", '{"a": "\n// "}', "{} / /", "# {}", "[,]", "{,}", "[1,,]", '{"a":,}', "{},"]
  ) {
    assert.throws(() => parseJsonWithComments(wrong), SyntaxError);
  }
});

test("serve: each field of a configuration has an option, and each option a field", () => {
  type Node = { properties: Record<string, Node>; items: Node };
  const { properties: { security, $schema: _, ...server } } = serverConfigSchema() as unknown as Node;
  const { acme, clients, setting: _setting, ...others } = security.items.properties;
  const ofClients = Object.keys(clients.properties).map((name) => `clients.${name}`);
  const settings = Object.values(SETTING_FIELDS);
  assert.deepEqual(Object.values(SERVER_FIELDS).sort(), Object.keys(server).sort());
  assert.deepEqual(
    [...new Set(settings.flatMap((fields) => Object.values(fields)))].sort(),
    [...Object.keys(others), ...ofClients].sort(),
  );
  assert.equal(Object.keys(ACME_OPTIONS).length, Object.keys(acme.properties).length);

  // Of the options without a field, the last two may be used with --config.
  const without = ["setting", "acme", "echo", "config", "passphrase-file", "key-log"];
  const options = [SERVER_FIELDS, ...settings, ACME_OPTIONS].flatMap((fields) => Object.keys(fields));
  assert.deepEqual(
    [...new Set([...options, ...without])].sort(),
    Object.keys(serveCommand.options).sort(),
  );
});

test("serve: clients may be limited on the command line, as in a configuration", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const serve = ["serve", "--listen", "127.0.0.1:0", "--setting", "key", "--key", path("key.pem")];
    const { stderr } = await listening([...serve, "--client-pin", PIN], async (address) => {
      const connect = ["connect", address, "--setting", "key", "--pin", PIN];
      assert.equal((await fesa([...connect, "--key", path("key.pem")])).code, 0);
      assert.equal((await fesa(connect)).code, 1);
    });
    assert.ok(stderr.includes(` ms, client ${PIN}\n`), stderr);
    await refused([...serve, "--client-pin", "x"], 2, /--client-pin: a pin must be sha256:/);
    await refused([...serve, "--client-crl", "x"], 2, /--client-crl needs roots/);
    await refused(
      [...serve, "--client-pin", PIN, "--require-client-crl"],
      2,
      /--require-client-crl needs roots/,
    );
    await refused(
      [...serve, "--client-pin", PIN, "--client-roots", "r"],
      2,
      /--client-roots and pins exclude each other/,
    );
    await refused([...serve, "--client-crl-days", "-1"], 2, /--client-crl-days/);
    await refused([...serve, "--client-key", NATIVE_KEY], 2, /--client-key is not for the setting key/);
    await refused([...serve, "--origin", "*"], 2, /--origin is for websocket/);
  });
});

test("serve --config: errors name the wrong field", async () => {
  const listen = "127.0.0.1:0";
  const key = { setting: "key", key: "key.pem" };
  const wrong: [unknown, RegExp][] = [
    [[], /the configuration is not an object/],
    [{ security: [key] }, /: listen is missing/],
    [{ listen }, /: security is missing/],
    [{ listen, security: [] }, /: security is empty/],
    [{ listen, security: {} }, /: security is not a list/],
    [{ listen, security: [key], colour: 1 }, /: unknown field colour/],
    [{ listen, security: [key], websocket: "yes" }, /: websocket is not true or false/],
    [
      { listen, security: [key], forward: "a:1", receiveDir: "d" },
      /: forward and receiveDir exclude each other/,
    ],
    [{ listen, security: [key], maxFileSize: -1 }, /: maxFileSize must be a whole number/],
    [{ listen, security: [key, {}] }, /: security\[1\]\.setting is missing/],
    [{ listen, security: [{ setting: "off", key: "k" }] }, /: security\[0\]\.key is not for the setting off/],
    [
      { listen, security: [{ ...key, certificate: "c" }] },
      /: security\[0\]\.certificate is not for the setting key/,
    ],
    [{ listen, security: [{ ...key, setting: "certificate" }] }, /: security\[0\]\.certificate is missing/],
    [
      { listen, security: [{ ...key, algorithm: "AES-128" }] },
      /: security\[0\]\.algorithm is not one of AES, ChaCha20, 3DES/,
    ],
    [
      { listen, security: [{ ...key, minimumKeyBits: 512 }] },
      /: security\[0\]\.minimumKeyBits must be a whole number/,
    ],
    [{ listen, security: [{ ...key, key: 7 }] }, /: security\[0\]\.key is not a string/],
    [{ listen, security: [{ ...key, clients: {} }] }, /: security\[0\]\.clients needs roots or pins/],
    [
      { listen, security: [{ ...key, clients: { pins: [1] } }] },
      /: security\[0\]\.clients\.pins\[0\] is not a string/,
    ],
    [
      { listen, security: [{ ...key, clients: { pins: [PIN], keys: [NATIVE_KEY] } }] },
      /: security\[0\]\.clients\.keys is for the setting native/,
    ],
    [{ listen, security: [{ ...key, clients: { pins: [] } }] }, /: security\[0\]\.clients\.pins is empty/],
    [
      { listen, security: [{ ...key, clients: { pins: [PIN, "x"] } }] },
      /server\.json: security\[0\]\.clients\.pins\[1\]: a pin must be sha256:/,
    ],
    [
      { listen, security: [{ setting: "native", key: "k", clients: { keys: ["x"] } }] },
      /server\.json: security\[0\]\.clients\.keys\[0\]: a key of native is x25519:/,
    ],
    [
      { listen, security: [{ setting: "native", key: "k", clients: { keys: [] } }] },
      /: security\[0\]\.clients\.keys is empty/,
    ],
    [{ listen, security: [key], maxFileSize: 1 }, /: maxFileSize is for servers that receive files/],
    [
      { listen, security: [key], forward: "a:0" },
      /: forward is HOST:PORT, with a port other than 0/,
    ],
    [
      { listen, security: [{ ...key, clients: { pins: [PIN], crls: ["x"] } }] },
      /: security\[0\]\.clients\.crls needs roots/,
    ],
    [
      { listen, security: [{ setting: "native", secretFile: "s", clients: { keys: [NATIVE_KEY] } }] },
      /: security\[0\]\.clients is for native with a key/,
    ],
    [
      { listen, security: [{ setting: "native", key: "k", clients: { pins: [PIN] } }] },
      /: security\[0\]\.clients may contain only keys/,
    ],
    [{ listen: "nowhere", security: [key] }, /: listen is HOST:PORT, not nowhere/],
    [{ listen, security: [key], forward: "a:b" }, /: forward is HOST:PORT, not a:b/],
    [
      { listen, security: [{ setting: "off" }, { setting: "off" }] },
      /: security lists the setting off twice/,
    ],
    [{ listen, security: [{ setting: "native" }] }, /: security\[0\] needs one of secretFile, key and trust/],
    [
      { listen, security: [{ setting: "native", secretFile: "s", trust: "anyone" }] },
      /: security\[0\] needs one of/,
    ],
  ];
  await inFolder(async (path) => {
    for (const [config, message] of wrong) {
      await writeFile(path("server.json"), JSON.stringify(config));
      await refused(["serve", "--config", path("server.json")], 1, message);
    }
    await writeFile(path("server.json"), "{");
    await refused(["serve", "--config", path("server.json")], 1, /server\.json: .*JSON/);
    await writeFile(path("server.json"), `{"__proto__": 1, "listen": "127.0.0.1:0", "security": []}`);
    await refused(
      ["serve", "--config", path("server.json")],
      1,
      /unknown field __proto__|security is empty/,
    );
  });
});

test("serve: its limits, on the command line and in a configuration", async () => {
  const guide = await readFile(new URL("../../docs/deployment.md", import.meta.url), "utf8");
  for (const [name, { option }] of Object.entries(SERVER_LIMITS)) {
    assert.match(guide, new RegExp(`^\\|.*\\| \`${name}\` +\\| \`--${option}\` `, "m"));
  }
  const off = ["--setting", "off"];
  for (
    const [option, value] of [["max-connections", "0"], ["keep-alive", "-1"], ["max-handshakes", "many"], [
      "max-unfinished-bytes",
      "0",
    ]]
  ) {
    const ran = await fesa(["serve", "--listen", "0", ...off, `--${option}=${value}`]);
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, new RegExp(`--${option}`));
  }
  const config = { listen: "0", security: [{ setting: "off" }], maxHandshakes: 8, stallTimeout: 0 };
  assert.deepEqual(checkServerConfig(config), config);
  assert.throws(
    () => checkServerConfig({ ...config, maxHandshakes: 0 }),
    /maxHandshakes must be a whole number/,
  );

  await listening(["serve", "--listen", "0", ...off, "--max-connections", "1"], async (address) => {
    const [host, port] = address.split(":");
    const enter = async () =>
      await connect(await dial({ host, port: Number(port) }), { security: { setting: "off" } });
    const first = await enter();
    await first.send("hello");
    assert.equal((await first.receive())?.length, 5);
    await assert.rejects(enter, { name: "ChannelError" });
    await first.close();
  });

  const proxied = ["serve", "--listen", "0", ...off, "--proxy-protocol", "127.0.0.0/8"];
  const { stderr } = await listening(proxied, async (address) => {
    const transport = await dial(address);
    const writer = transport.writable.getWriter();
    await writer.write(new TextEncoder().encode("PROXY TCP4 198.51.100.7 192.0.2.1 50312 4433\r\n"));
    writer.releaseLock();
    await (await connect(transport, { security: { setting: "off" } })).close();
  });
  assert.match(stderr, /198\.51\.100\.7:50312: off: NOT protected/);
});

test("serve: at SIGHUP keys and certificates are read again, for new connections", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const serve = ["serve", "--listen", "127.0.0.1:0", "--setting", "key", "--key", path("key.pem")];
    const hangup = new EventTarget();
    let onErrors = (_text: string) => {};
    const said = (words: RegExp) =>
      new Promise<void>((resolve) => onErrors = (text) => words.test(text) && resolve());
    const reload = async (key: string, words: RegExp) => {
      await writeFile(path("key.pem"), key, { mode: 0o600 });
      const done = said(words);
      hangup.dispatchEvent(new Event("hangup"));
      await done;
    };
    await listening(serve, async (address) => {
      const connect = (pin: string) =>
        fesa(["connect", address, "--setting", "key", "--pin", pin], { stdin: input("hello") });
      const [old, fresh] = [PIN, serverCertificate(rsa3072).pin];
      assert.equal((await connect(old)).stdout, "hello");
      await reload("no key", /are unchanged: .*key\.pem/);
      assert.equal((await connect(old)).stdout, "hello");
      await reload(exportPrivateKey(rsa1024), /are unchanged: .*key\.pem: .*needs --allow-weak/);
      assert.equal((await connect(old)).stdout, "hello");
      await reload(exportPrivateKey(rsa3072), /were read again/);
      assert.equal((await connect(fresh)).stdout, "hello");
      assert.equal((await connect(old)).code, 1);
    }, { hangup, onErrors: (text) => onErrors(text) });
  });
});

test("serve: of two SIGHUPs the later counts, however long the first takes", async () => {
  await inFolder(async (path) => {
    for (const digit of "12") await writeFile(path(digit), digit.repeat(64));
    const configure = async (secret: string, times: number) => {
      const security = Array(times).fill({ setting: "native", secretFile: secret });
      await writeFile(path("new.json"), JSON.stringify({ listen: "127.0.0.1:0", security }));
      await rename(path("new.json"), path("server.json")); // never half of it
    };
    const hangup = new EventTarget();
    let onErrors = (_text: string) => {};
    const bothRead = new Promise<void>((resolve) => {
      onErrors = (text) => text.split("were read again").length > 2 && resolve();
    });
    await configure("1", 1);
    await listening(["serve", "--config", path("server.json")], async (address) => {
      await configure("1", 400);
      hangup.dispatchEvent(new Event("hangup"));
      await new Promise((resolve) => setTimeout(resolve, 5));
      await configure("2", 1);
      hangup.dispatchEvent(new Event("hangup"));
      await bothRead;
      const connect = (secret: string) =>
        fesa(["connect", address, "--setting", "native", "--secret-file", path(secret)]);
      assert.equal((await connect("2")).code, 0);
      assert.equal((await connect("1")).code, 1);
    }, { hangup, onErrors: (text) => onErrors(text) });
  });
});

test("serve --watch: a changed configuration names new files, which are watched, and fields that need a restart", async () => {
  await inFolder(async (path) => {
    for (const name of ["old", "new"]) await writeFile(path(name), "ab".repeat(32));
    const replace = async (name: string, text: string) => {
      await writeFile(path("whole"), text);
      await rename(path("whole"), path(name)); // never half of it
    };
    const configure = async (secretFile: string, others: object) => {
      const security = [{ setting: "native", secretFile }];
      const config = { listen: "127.0.0.1:0", watch: true, security, ...others };
      await replace("server.json", JSON.stringify(config));
    };
    let warn = () => {};
    const warned = new Promise<void>((resolve) => warn = resolve);
    await configure("old", { maxConnections: 10, drain: 1 });
    const serve = ["serve", "--config", path("server.json")];
    const { stderr } = await listening(serve, async (address) => {
      await configure("new", { maxConnections: 20, log: "json" });
      await warned;
      await replace("new", "cd".repeat(32));
      const connect = ["connect", address, "--setting", "native", "--secret-file", path("new")];
      while ((await fesa(connect)).code !== 0); // until the file is read
    }, { onErrors: (text) => /restart/.test(text) && warn() });
    assert.match(stderr, /warning changed, but used only after a restart: maxConnections, drain, log$/m);
  });
});

test("serve --watch: a change during a reload is read by another one", { on: ["node"] }, async () => {
  await inFolder(async (path) => {
    const security = [{ setting: "native", secretFile: "secret" }];
    await writeFile(path("secret"), "ab".repeat(32));
    await writeFile(path("server.json"), JSON.stringify({ listen: "127.0.0.1:0", watch: true, security }));
    const hangup = new EventTarget();
    let log = "";
    await listening(["serve", "--config", path("server.json")], async (address) => {
      await writeFile(path("new"), "cd".repeat(32));
      hangup.dispatchEvent(new Event("hangup"));
      await rename(path("new"), path("secret"));
      await until(() => log, { holds: (log) => log.split("were read again").length > 2 });
      const connect = ["connect", address, "--setting", "native", "--secret-file", path("secret")];
      assert.equal((await fesa(connect)).code, 0);
    }, { hangup, onErrors: (text) => log = text });
  });
});

test("serve --watch: a change before the server listens is read once it does", { on: ["node"] }, async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await writeFile(path("new"), "cd".repeat(32));
    const passphrase = "correct horse";
    await writeFile(path("key.pem"), exportPrivateKey(rsa2048, { passphrase, iterations: 1000 }), {
      mode: 0o600,
    });
    const security = [{ setting: "native", secretFile: "secret" }, { setting: "key", key: "key.pem" }];
    await writeFile(path("server.json"), JSON.stringify({ listen: "127.0.0.1:0", watch: true, security }));
    const answer = () => {
      if (existsSync(path("new"))) renameSync(path("new"), path("secret")); // the old one has been read
      return passphrase;
    };
    let log = "";
    await listening(["serve", "--config", path("server.json")], async (address) => {
      await until(() => log, { holds: (log) => log.includes("were read again") });
      const connect = ["connect", address, "--setting", "native", "--secret-file", path("secret")];
      assert.equal((await fesa(connect)).code, 0);
    }, { answer, onErrors: (text) => log = text });
  });
});

test("serve --pid-file --watch: a pid file while it listens, and keys read again when they change", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const serve = [
      "serve",
      "--listen",
      "127.0.0.1:0",
      "--setting",
      "native",
      "--secret-file",
      path("secret"),
    ];
    let changed = () => {};
    const reload = new Promise<void>((resolve) => changed = resolve);
    const options = { onErrors: (text: string) => /were read again/.test(text) && changed() };
    await listening([...serve, "--watch", "--pid-file", path("pid")], async (address) => {
      const written = await until(() => readFile(path("pid"), "utf8"));
      assert.equal(written, `${process.pid}\n`);
      await writeFile(path("new"), "cd".repeat(32));
      await rename(path("new"), path("secret"));
      await reload;
      const connect = ["connect", address, "--setting", "native", "--secret-file", path("secret")];
      assert.equal((await fesa(connect)).code, 0);
    }, options);
    assert.ok(!existsSync(path("pid")));
  });
});
