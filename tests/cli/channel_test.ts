import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { assert, test } from "../_kit/mod.ts";
import { rsa1024, rsa3072 } from "../_kit/keys.ts";
import { OpenSsl } from "../_kit/openssl.ts";
import { PeerProgram } from "../_kit/peer.ts";
import { clientCertificate, root } from "../_kit/pki.ts";
import { fromBase64, fromUtf8, toBase64, toHex } from "../../src/bytes.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { dial } from "../../src/transport/node.ts";
import {
  type Certificate,
  createRevocationList,
  exportPrivateKey,
  parseCertificates,
} from "../../src/x509/mod.ts";
import { connect } from "../../mod.ts";
import { fesa, inFolder, input, refused } from "./_kit.ts";
import { listening, PIN, prepare } from "./_serving.ts";

test("serve and connect: standard input and output in every setting, from one configuration", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const own = { certificate: "chain.pem", key: "key.pem" };
    const security = [
      { setting: "certificate", ...own, compression: "message" },
      { setting: "key", key: "key.pem" },
      { setting: "native", secretFile: "secret" },
      { setting: "off" },
    ];
    await writeFile(path("server.json"), JSON.stringify({ listen: "127.0.0.1:0", security }));
    const clients: [string[], RegExp][] = [
      [
        ["certificate", "--roots", path("root.pem"), "--name", "localhost", "--compression", "message"],
        /^certificate, TLS 1\.3, TLS_AES_256_GCM_SHA384 \(256 bits\), compression message, the peer is auth/,
      ],
      [["key", "--pin", PIN], /^key, TLS 1\.3, .*, the peer is authenticated/],
      [["key", "--trust-anyone"], /^key, TLS 1\.3, .*, the peer is not authenticated/],
      [
        ["native", "--secret-file", path("secret")],
        /^native, Noise_NNpsk0_25519_ChaChaPoly_SHA256, ChaChaPoly/,
      ],
      [["off"], /^off: NOT protected/],
    ];
    const { stderr } = await listening(["serve", "--config", path("server.json")], async (address) => {
      for (const [words, line] of clients) {
        const stdin = input("hello ", "", "channel\n", "x".repeat(100_000));
        const ran = await fesa(["connect", address, "--setting", ...words], { stdin });
        assert.equal(ran.code, 0, ran.stderr);
        assert.equal(ran.stdout, `hello channel\n${"x".repeat(100_000)}`);
        assert.match(ran.stderr, line);
      }
    });
    assert.equal(
      stderr.match(/: ended after [\d.]+ s, \d+ bytes in, \d+ bytes out: closed\n/g)?.length,
      clients.length,
      stderr,
    );
    assert.equal(stderr.trimEnd().split("\n").length, 2 * clients.length, stderr);
  });
});

test("serve and connect: through Unix sockets, to a program behind one too", async () => {
  await inFolder(async (path) => {
    const off = ["--setting", "off"];
    const sockets = { echo: `unix:${path("echo")}`, forward: `unix:${path("forward")}` };
    await listening(["serve", "--listen", sockets.echo, ...off, "--socket-mode", "660"], async (address) => {
      assert.equal(address, sockets.echo);
      assert.equal((await stat(path("echo"))).mode & 0o777, 0o660);
      const { stdout } = await fesa(["connect", address, ...off], { stdin: input("hello") });
      assert.equal(stdout, "hello");
      await writeFile(
        path("server.json"),
        JSON.stringify({ listen: "unix:forward", security: [{ setting: "off" }], forward: "unix:echo" }),
      );
      await listening(["serve", "--config", path("server.json")], async (forwarding) => {
        assert.equal(forwarding, sockets.forward);
        await listening(
          ["connect", forwarding, ...off, "--listen", `unix:${path("local")}`],
          async (local) => {
            const { stdout } = await fesa(["connect", local, ...off], { stdin: input("to and fro") });
            assert.equal(stdout, "to and fro");
          },
        );
      });
      const certificate = ["--setting", "certificate", "--roots", path("none")];
      await refused(["connect", address, ...certificate], 2, /--name is missing/);
    });
    for (
      const [words, message] of [
        [["--listen", "unix:"], /listen is HOST:PORT or unix:PATH/],
        [["--listen", "unix:a b"], /listen is HOST:PORT or unix:PATH/],
        [["--listen", "0", "--socket-mode", "600"], /--socket-mode is for listening at a Unix socket/],
        [["--listen", "unix:s", "--socket-mode", "999"], /--socket-mode: 999 is not a mode/],
      ] as [string[], RegExp][]
    ) await refused(["serve", ...off, ...words], 2, message);
  });
});

test("serve --drain: a server that ends lets busy channels continue, and accepts no new ones", async () => {
  const serve = ["serve", "--listen", "127.0.0.1:0", "--setting", "off", "--drain", "60000"];
  let drained: Promise<void> | undefined;
  const { stderr } = await listening(serve, async (address) => {
    const enter = async () => await connect(await dial(address), { security: { setting: "off" } });
    const client = await enter();
    await client.send("hello");
    assert.equal((await client.receive())?.length, 5);
    drained = (async () => {
      while (await enter().then((late) => late.close().then(() => true), () => false)); // until nobody listens
      await client.send("still here");
      assert.equal((await client.receive())?.length, 10);
      await client.close();
    })();
  });
  await drained;
  assert.match(stderr, /#1 127\.0\.0\.1:\d+: ended after .*: closed\n/);
});

test("serve --log json: one object a line, with what was agreed, the counts and the reason of the end", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const key = ["--setting", "key", "--key", path("key.pem")];
    const serve = ["serve", "--listen", "127.0.0.1:0", ...key, "--log", "json"];
    const { stderr } = await listening(serve, async (address) => {
      const ran = await fesa(["connect", address, "--setting", "key", "--pin", PIN], {
        stdin: input("hello"),
      });
      assert.equal(ran.code, 0, ran.stderr);
      await assert.rejects(connect(await dial(address), { security: { setting: "off" } }));
    });
    const lines = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ level, event, connection }) => `${level} ${event} ${connection}`), [
      "info established 1",
      "info ended 1",
      "warning ended 2",
    ]);
    for (const line of lines) {
      assert.match(line.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      assert.equal(line.address, "127.0.0.1");
      assert.ok(line.port > 0);
    }
    const [, ended, refused] = lines;
    assert.equal(`${ended.setting}, ${ended.protocol}, ${ended.reason}`, "key, TLS 1.3, closed");
    assert.match(`${ended.suite} ${ended.group}`, /^TLS_AES_256_GCM_SHA384 \w+$/);
    assert.ok(ended.bytesIn > 500 && ended.bytesOut > 500 && ended.duration > ended.handshake, stderr);
    assert.deepEqual([ended.messagesIn, ended.messagesOut], [1, 1]);
    assert.deepEqual([refused.reason, refused.setting], ["not_offered", undefined]);
    assert.match(refused.message, /./);
  });
});

test("keygen --secret: a secret that both sides of native accept", async () => {
  await inFolder(async (path) => {
    assert.equal((await fesa(["keygen", "--secret", "--out", path("secret")])).code, 0);
    assert.match(await readFile(path("secret"), "utf8"), /^[0-9a-f]{64}\n$/);
    assert.equal((await stat(path("secret"))).mode & 0o777, 0o600);
    await refused(["keygen", "--secret", "--out", path("secret")], 1, /already exists/);
    const native = ["--setting", "native", "--secret-file", path("secret"), "--compression", "stream"];
    await listening(["serve", "--listen", "0", ...native], async (address) => {
      const ran = await fesa(["connect", address, ...native], { stdin: input("shared") });
      assert.equal(ran.stdout, "shared");
      assert.match(ran.stderr, /compression stream, the peer is authenticated/);
    });
  });
});

test("native with keys: pinned by clients, and clients that are known", { needs: ["openssl"] }, async () => {
  await inFolder(async (path) => {
    await writeFile(path("passphrase"), "open\n");
    const protect = ["--encrypt", "--passphrase-file", path("passphrase")];
    const keygen = async (name: string, ...more: string[]) =>
      JSON.parse((await fesa(["keygen", "--type", "x25519", "--json", "--out", path(name), ...more])).stdout);
    const server = await keygen("server.pem", ...protect);
    const client = await keygen("client.pem");
    using openssl = new OpenSsl();
    openssl.run(`genpkey -algorithm X25519 -out ${path("stranger.pem")}`);
    for (const [name, { publicKey: text }] of [["server.pem", server], ["client.pem", client]]) {
      const spki = openssl.run(`pkey -in ${path(name)} -passin file:${path("passphrase")} -pubout`);
      const bytes = fromBase64(spki.replace(/-----.*|\s/g, ""));
      assert.equal(text, `x25519:${toBase64(bytes.subarray(-32))}`, "the public key as OpenSSL has it");
    }
    assert.match((await fesa(["inspect", path("server.pem")])).stdout, /encrypted private key/);
    assert.equal(
      (await fesa(["inspect", path("client.pem")])).stdout,
      `type: private key\nkey: X25519\npublicKey: ${client.publicKey}\n`,
    );
    const anybody = { setting: "native", key: "server.pem" };
    for (const security of [anybody, { ...anybody, clients: { keys: [client.publicKey] } }]) {
      await writeFile(path("server.json"), JSON.stringify({ listen: "127.0.0.1:0", security: [security] }));
      const serve = ["serve", "--config", path("server.json"), "--passphrase-file", path("passphrase")];
      await listening(serve, async (address) => {
        const connect = ["connect", address, "--setting", "native", "--server-key"];
        const pinned = [...connect, server.publicKey];
        const stdin = () => ({ stdin: input("hello") });
        const known = await fesa([...pinned, "--native-key", path("client.pem")], stdin());
        if (security === anybody) {
          assert.equal((await fesa(pinned, stdin())).stdout, "hello");
          await refused([...connect, client.publicKey], 1, /^fesa connect: /);
        } else {
          assert.equal(known.stdout, "hello", known.stderr);
          assert.match(known.stderr, /Noise_IK.*the peer is authenticated/);
          await refused(pinned, 1, /^fesa connect: /);
          await refused([...pinned, "--native-key", path("stranger.pem")], 1, /^fesa connect: /);
        }
      });
    }
    const key = path("client.pem");
    await listening(
      ["serve", "--listen", "0", "--setting", "native", "--native-key", key],
      async (address) => {
        const connect = ["connect", address, "--setting", "native", "--server-key", client.publicKey];
        assert.equal((await fesa(connect, { stdin: input("hello") })).stdout, "hello");
      },
    );
    openssl.run(`genpkey -algorithm ED25519 -out ${path("other.pem")}`);
    const serve = ["serve", "--listen", "0", "--setting", "native", "--native-key"];
    await refused([...serve, path("other.pem")], 1, /other\.pem: the key is not an X25519 key/);
    await refused(["keygen", "--type", "x25519", "--bits", "2048"], 2, /--bits is not for --type x25519/);
    await refused(
      ["keygen", "--type", "dsa"],
      2,
      /--type must be one of rsa, p256, p384, p521, ed25519, x25519/,
    );
    await refused(["keygen", "--type", "x25519", "--secret"], 2, /--type is not for --secret/);
  });
});

test("serve and connect: 3DES where the server says so, and a client that does not", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const server = [
      "serve",
      "--listen",
      "0",
      "--setting",
      "key",
      "--key",
      path("key.pem"),
      "--key-exchange",
      "RSA",
      "--algorithm",
      "3DES",
    ];
    await listening(server, async (address) => {
      const client = ["connect", address, "--setting", "key", "--pin", PIN];
      const ran = await fesa([...client, "--key-exchange", "RSA", "--algorithm", "3DES"], {
        stdin: input("three keys"),
      });
      assert.equal(ran.stdout, "three keys");
      assert.match(ran.stderr, /TLS_RSA_WITH_3DES_EDE_CBC_SHA \(192 bits\)/);
      await refused(client, 1, /^fesa connect: .*handshake_failure/);
    });
  });
});

for (const websocket of [false, true]) {
  test(`serve and connect: files over ${websocket ? "WebSocket" : "TCP"}, and none is overwritten`, async () => {
    await inFolder(async (path) => {
      await prepare(path);
      const bytes = randomBytes(3_000_001);
      await writeFile(path("a file.bin"), bytes);
      await writeFile(path("empty"), "");
      const server = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--setting",
        "native",
        "--secret-file",
        path("secret"),
      ];
      const options = [
        "--receive-dir",
        path("."),
        "--max-file-size",
        "3000001",
        ...websocket ? ["--websocket"] : [],
      ];
      await writeFile(path("large"), new Uint8Array(3_000_002));
      await inFolder(async (inbox) => {
        options[1] = inbox(".");
        const { stderr } = await listening([...server, ...options], async (address) => {
          const target = websocket ? `ws://${address}/` : address;
          const client = [
            "connect",
            target,
            "--setting",
            "native",
            "--secret-file",
            path("secret"),
            "--send",
          ];
          const sent = await fesa([...client, path("a file.bin"), "--json"]);
          assert.equal(sent.code, 0, sent.stderr);
          const { name, size, sha256: hash } = JSON.parse(sent.stdout);
          assert.deepEqual([name, size, hash], ["a file.bin", bytes.length, toHex(sha256(bytes))]);
          assert.match(
            (await fesa([...client, path("empty")])).stdout,
            /^sent empty, 0 bytes, SHA-256 e3b0c442/,
          );
          await refused(
            [...client, path("a file.bin")],
            1,
            /refuses the file: cannot store .*: it already exists$/,
          );
          await refused(
            [...client, path("large")],
            1,
            /refuses the file: a file of 3000002 bytes is over the limit/,
          );
          await refused(
            [...client, path("nothing")],
            1,
            /cannot read .*nothing: there is no such file or folder$/,
          );
          await refused([...client, path(".")], 1, /cannot read .*: it is not a file$/);
        });
        assert.deepEqual((await readdir(inbox("."))).sort(), ["a file.bin", "empty"]);
        assert.deepEqual(new Uint8Array(await readFile(inbox("a file.bin"))), bytes);
        assert.match(stderr, new RegExp(`a file.bin, 3000001 bytes, SHA-256 ${toHex(sha256(bytes))}`));
      });
    });
  });
}

test("connect --send: a server that echoes does not receive files", async () => {
  await inFolder(async (path) => {
    await writeFile(path("file"), randomBytes(2_000_000));
    await listening(["serve", "--listen", "0", "--setting", "off"], async (address) => {
      const client = ["connect", address, "--setting", "off", "--send", path("file")];
      await refused(client, 1, /the server does not receive files$/);
    });
  });
});

test("connect --listen and serve --forward: a tunnel between ordinary programs", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    // The program answers after the end of its input, so each direction must end separately.
    const program = createServer({ allowHalfOpen: true }, (socket) => {
      const parts: Uint8Array[] = [];
      socket.on("data", (part: Uint8Array) => parts.push(part));
      socket.on(
        "end",
        () => socket.end(toHex(parts.reduce((hash, part) => hash.update(part), sha256.create()).digest())),
      );
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => program.listen(0, "127.0.0.1", resolve));
    const forward = `127.0.0.1:${(program.address() as { port: number }).port}`;
    const server = ["serve", "--listen", "0", "--setting", "certificate", "--forward", forward];
    await listening(
      [...server, "--certificate", path("chain.pem"), "--key", path("key.pem")],
      async (address) => {
        const client = [
          "connect",
          address,
          "--setting",
          "certificate",
          "--roots",
          path("root.pem"),
          "--listen",
          "0",
        ];
        await listening(client, async (entrance) => {
          const [host, port] = entrance.split(":");
          await Promise.all([1, 100_000, 1_000_000].map(async (length) => {
            const bytes = randomBytes(length);
            const { readable, writable } = await dial({ host, port: Number(port) });
            const writer = writable.getWriter();
            const sending = writer.write(bytes).then(() => writer.close());
            let answer = "";
            for await (const chunk of readable) answer += fromUtf8(chunk);
            await sending;
            assert.equal(answer, toHex(sha256(bytes)));
          }));
        });
      },
    );
    program.close();
  });
});

test("serve: echoes what an ordinary TLS client sends", { needs: ["openssl"] }, async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const own = ["--certificate", path("chain.pem"), "--key", path("key.pem")];
    await listening(["serve", "--listen", "0", "--setting", "certificate", ...own], async (address) => {
      const client = `openssl s_client -quiet -no_ign_eof -verify_return_error -CAfile`;
      await using peer = new PeerProgram([...client.split(" "), path("root.pem"), "-connect", address]);
      peer.input("from far away\n");
      assert.equal(fromUtf8(await peer.output(14)), "from far away\n");
      peer.endInput();
      await peer.exitCode();
    });
  });
});

test("serve and connect: clients that must authenticate, and an encrypted key", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await writeFile(path("client.pem"), clientCertificate(rsa3072).pem);
    await writeFile(
      path("client-key.pem"),
      exportPrivateKey(rsa3072, { passphrase: "open", iterations: 1000 }),
    );
    await writeFile(path("passphrase"), "open\nand no more\n");
    const own = { certificate: "chain.pem", key: "key.pem" };
    const security = [
      { setting: "certificate", ...own, clients: { roots: "root.pem" } },
      { setting: "key", key: "key.pem", clients: { pins: [PIN] } },
    ];
    await writeFile(path("server.json"), JSON.stringify({ listen: "0", security }));
    const { stderr } = await listening(["serve", "--config", path("server.json")], async (address) => {
      const client = ["connect", address, "--setting"];
      const certificate = [...client, "certificate", "--roots", path("root.pem")];
      const identity = ["--certificate", path("client.pem"), "--key", path("client-key.pem")];
      const known = [...certificate, ...identity];
      const [stdin, asked] = [() => input("me"), { answer: "open" }];
      assert.equal(
        (await fesa([...known, "--passphrase-file", path("passphrase")], { stdin: stdin() })).stdout,
        "me",
      );
      assert.equal((await fesa(known, { stdin: stdin(), ...asked })).stdout, "me");
      await refused(known, 1, /a passphrase is needed/);
      await refused(certificate, 1, /^fesa connect: [^\n]+$/);
      const key = [...client, "key", "--pin", PIN];
      assert.equal((await fesa([...key, "--key", path("key.pem")], { stdin: stdin() })).stdout, "me");
      await refused(
        [...key, "--key", path("client-key.pem"), "--passphrase-file", path("passphrase")],
        1,
        /^fesa/,
      );
    });
    assert.equal(stderr.match(/the peer is authenticated, .*, client CN=/g)?.length, 2, stderr);
    assert.equal(stderr.match(/the peer is authenticated, .*, client sha256:/g)?.length, 1, stderr);
  });
});

test("serve and connect: a key that is not the certificate's is refused before anything is listened on", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await writeFile(path("client.pem"), clientCertificate(rsa3072).pem);
    const other = ["--certificate", path("client.pem"), "--key", path("key.pem")];
    const certificate = ["--setting", "certificate", ...other];
    await refused(
      ["serve", "--listen", "127.0.0.1:0", ...certificate],
      1,
      /the certificate is for another key/,
    );
    const connect = ["connect", "127.0.0.1:1", ...certificate, "--roots", path("root.pem")];
    await refused(connect, 1, /the certificate is for another key/);
    // If the certificates after the first are out of order, the tool warns but sends them.
    const chain = await readFile(path("chain.pem"), "utf8");
    await writeFile(path("mixed.pem"), chain + clientCertificate(rsa3072).pem);
    const mixed = ["--setting", "certificate", "--certificate", path("mixed.pem"), "--key", path("key.pem")];
    const { stderr } = await listening(
      ["serve", "--listen", "127.0.0.1:0", ...mixed],
      () => Promise.resolve(),
    );
    assert.match(
      stderr,
      /warning: .*mixed\.pem: certificate 2 of 2 does not belong to the issuer of the one before it/,
    );
  });
});

test("serve and connect: a key that is too weak is refused before anything is connected", async () => {
  await inFolder(async (path) => {
    await writeFile(path("key.pem"), exportPrivateKey(rsa1024), { mode: 0o600 });
    const setting = { setting: "key", key: "key.pem" };
    const listen = "127.0.0.1:0";
    await writeFile(path("server.json"), JSON.stringify({ listen, security: [setting] }));
    const words = ["serve", "--listen", listen, "--setting", "key", "--key", path("key.pem")];
    const weak = /key\.pem: an RSA key of 1024 bits needs /;
    for (
      const [line, remedy] of [[words, /--allow-weak/], [
        ["serve", "--config", path("server.json")],
        /minimumKeyBits: 1024/,
      ]] as const
    ) {
      const { stdout, stderr } = await refused(line, 1, weak);
      assert.match(stderr, remedy);
      assert.equal(stdout, "");
    }
    await listening([...words, "--allow-weak"], () => Promise.resolve());
    const client = ["connect", "127.0.0.1:1", "--setting", "key", "--trust-anyone", "--key", path("key.pem")];
    await refused(client, 1, /key\.pem: an RSA key of 1024 bits needs --allow-weak/);
  });
});

test("serve and connect: revoked certificates are refused, on both sides", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const client = clientCertificate(rsa3072);
    await writeFile(path("client.pem"), client.pem);
    await writeFile(path("client-key.pem"), exportPrivateKey(rsa3072), { mode: 0o600 });
    const list = (...certificates: Certificate[]) =>
      createRevocationList(root, {
        revoked: certificates.map(({ serialNumber }) => ({ serialNumber, date: new Date() })),
      });
    await writeFile(path("none.crl"), list());
    await writeFile(
      path("server.crl"),
      list(parseCertificates(await readFile(path("chain.pem"), "utf8"))[0]),
    );
    const own = { certificate: "chain.pem", key: "key.pem" };
    const security = [{
      setting: "certificate",
      ...own,
      clients: { roots: "root.pem", crls: ["clients.crl"], revocation: "hard", crlIssuers: ["root.pem"] },
    }];
    await writeFile(path("server.json"), JSON.stringify({ listen: "0", security }));
    for (const revoked of [[], [client]]) {
      await writeFile(path("clients.crl"), list(...revoked));
      await listening(["serve", "--config", path("server.json")], async (address) => {
        const identity = ["--certificate", path("client.pem"), "--key", path("client-key.pem")];
        const connect = [
          "connect",
          address,
          "--setting",
          "certificate",
          "--roots",
          path("root.pem"),
          ...identity,
        ];
        const good = [...connect, "--crl", path("none.crl"), "--require-crl"];
        if (revoked.length > 0) return void await refused(good, 1, /certificate_revoked/);
        assert.equal((await fesa(good, { stdin: input("hello") })).stdout, "hello");
        await refused([...connect, "--crl", path("server.crl")], 1, /revoked at/);
        await refused(
          [...connect, "--require-crl"],
          1,
          /no current list or OCSP response of CN=.* shows that the certificate is not revoked/,
        );
      });
    }
  });
});

test("serve and connect: a key log, the same at both ends, for its owner alone", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await writeFile(path("server.log"), "# of before\n");
    const serve = ["serve", "--listen", "127.0.0.1:0", "--setting", "key", "--key", path("key.pem")];
    const log = ["--key-log", path("server.log")];
    const { stderr } = await listening([...serve, ...log], async (address) => {
      const connect = ["connect", address, "--setting", "key", "--pin", PIN, "--key-log", path("client.log")];
      for (let i = 0; i < 2; i++) {
        const ran = await fesa(connect, { stdin: input("hello") });
        assert.equal(ran.stdout, "hello", ran.stderr);
        assert.match(ran.stderr, /^warning: .*client\.log gets the secrets of every session/);
      }
    });
    assert.match(stderr, /^warning: .*server\.log gets the secrets/);
    const [client, server] = await Promise.all(
      ["client.log", "server.log"].map((name) => readFile(path(name), "utf8")),
    );
    assert.match(client, /^([A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]{96}\n){10}$/);
    assert.equal(server, `# of before\n${client}`);
    assert.equal((await stat(path("client.log"))).mode & 0o777, 0o600);
    await refused([...serve, "--key-log", path("none/log")], 1, /cannot write .*log: there is no such/);
  });
});

test("--key-log: a file that all could read is made readable by its owner only", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await writeFile(path("log"), "", { mode: 0o644 });
    const serve = ["serve", "--listen", "127.0.0.1:0", "--setting", "key", "--key", path("key.pem")];
    await listening([...serve, "--key-log", path("log")], () => Promise.resolve());
    assert.equal((await stat(path("log"))).mode & 0o777, 0o600);
  });
});
