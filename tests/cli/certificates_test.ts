import { Buffer } from "node:buffer";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { assert, test } from "../_kit/mod.ts";
import { encodePem } from "../../src/asn1/mod.ts";
import { rsa1024, rsa2048, rsa3072 } from "../_kit/keys.ts";
import { OpenSsl } from "../_kit/openssl.ts";
import {
  exportPrivateKey,
  exportPrivateKeyDer,
  parseCertificates,
  parsePrivateKey,
  publicKeyOf,
} from "../../src/x509/mod.ts";
import { makeList } from "../x509/_crl.ts";
import { makeCa, makeServer } from "../x509/_make.ts";
import { fesa, inFolder, type Path, run, tryRun, words } from "./_kit.ts";

/** Runs a command line, and asserts that it fails with one line on standard error. */
async function refused(path: Path, code: number, message: RegExp, line: string): Promise<void> {
  const ran = await tryRun(path, line);
  assert.equal(ran.code, code, line + ran.stdout + ran.stderr);
  assert.match(ran.stderr, message);
  assert.equal(ran.stderr.trimEnd().split("\n").length, 1, ran.stderr);
}

/** Writes a CA and a server's key into a folder, so that no test waits for key generation. */
async function prepare(path: Path): Promise<void> {
  await writeFile(path("key.pem"), exportPrivateKey(rsa1024), { mode: 0o600 });
  await run(path, "ca --no-intermediate --bits 1024 --out-dir @ca --subject", "CN=Root,O=Firm");
}

const CA = "--ca @ca/ca.pem --ca-key @ca/ca-key.pem";
const CSR = "csr --key @key.pem --out @request.pem --allow-weak";
const SIGN = `sign ${CA} --in @request.pem --out @certificate.pem --allow-weak`;
const VERIFY = "verify --roots @ca/ca.pem --allow-weak @certificate.pem";

test("tool: three commands from nothing to a server with a certificate", { needs: ["openssl"] }, async () => {
  await inFolder(async (path) => {
    await run(path, "ca --type p256 --permit localhost,::/64 --exclude ip:::2 --out-dir @ca");
    const own = "--key @key.pem --san localhost,ip:::1 --out @certificate.pem";
    const signed = await run(path, `sign ${CA} ${own}`);
    assert.match(
      signed,
      /key\.pem: a new key\n.*CN=localhost, DNS:localhost, IP:::1, until \d{4}-\d\d-\d\d\n$/,
    );
    using openssl = new OpenSsl();
    const chain = `-CAfile ${path("ca/root.pem")} -untrusted ${path("certificate.pem")}`;
    const verify = `verify -x509_strict ${chain} -purpose sslserver`;
    openssl.run(`${verify} -verify_hostname localhost ${path("certificate.pem")}`);
    openssl.run(`${verify} -verify_ip ::1 ${path("certificate.pem")}`);
    const key = parsePrivateKey(await readFile(path("key.pem")));
    const [certificate] = parseCertificates(await readFile(path("certificate.pem"), "utf8"));
    assert.deepEqual(certificate.publicKey, publicKeyOf(key));
    for (const name of ["other.example", "ip:::2", "ip:127.0.0.1"]) {
      for (const file of ["key", "new-key"]) {
        const other = `--key @${file}.pem --out @x.pem --san ${name}`;
        await refused(path, 1, /does not permit|name constraints/, `sign ${CA} ${other}`);
      }
    }
    await run(path, `sign ${CA} ${own} --force --profile client`);
    await refused(path, 2, /--type is for a new key, and/, `sign ${CA} ${own} --type p256`);
    await refused(
      path,
      1,
      /certificate\.pem/,
      `sign ${CA} --key @new-key.pem --san a --out @certificate.pem`,
    );
    for (const name of ["key.pem", "ca/ca-key.pem", "ca/root-key.pem"]) {
      assert.equal((await stat(path(name))).mode & 0o777, 0o600);
    }
    assert.deepEqual((await readdir(path(""))).sort(), ["ca", "certificate.pem", "key.pem"]);
  });
});

test(
  "tool: keys of every type for a CA with an intermediate, a server and a client",
  { needs: ["openssl"] },
  async () => {
    for (const type of ["p256", "p384", "p521", "ed25519"]) {
      await inFolder(async (path) => {
        await run(path, `ca --type ${type} --out-dir @ca --intermediate CN=Issuer`);
        await run(path, `keygen --type ${type} --out @client.pem`);
        const [made] = JSON.parse(`[${await run(path, `keygen --type ${type} --out @other.pem --json`)}]`);
        assert.match(made.key, type === "ed25519" ? /^Ed25519$/ : /^P-/);
        await run(path, `csr --type ${type} --key @key.pem --san localhost --out @request.pem`);
        await run(path, "csr --key @client.pem --subject CN=client --out @client-request.pem");
        await run(path, `sign ${CA} --in @request.pem --out @certificate.pem`);
        await run(path, `sign ${CA} --profile client --in @client-request.pem --out @client-certificate.pem`);
        using openssl = new OpenSsl();
        for (
          const [name, purpose] of [["certificate.pem", "sslserver"], ["client-certificate.pem", "sslclient"]]
        ) {
          openssl.run(
            `verify -x509_strict -CAfile ${path("ca/root.pem")} -untrusted ${
              path(name)
            } -purpose ${purpose} ${path(name)}`,
          );
        }
        openssl.run(`req -in ${path("request.pem")} -noout -verify`);
        assert.match(await run(path, "verify --roots @ca/root.pem --usage any @certificate.pem"), /^valid: /);
        assert.match(await run(path, `revoke ${CA} --crl @crl.pem @certificate.pem`), /1 revoked/);
        openssl.run(`crl -in ${path("crl.pem")} -CAfile ${path("ca/ca.pem")} -noout`);
        const reissued = await tryRun(path, `csr --type rsa --key @key.pem --san localhost --out @again.pem`);
        assert.match(reissued.stderr, /--type is for a new key/);
      });
    }
    await inFolder(async (path) => {
      await refused(path, 2, /--bits is not for --type p256/, "keygen --type p256 --bits 2048 --out @x");
      await refused(path, 2, /--type must be one of rsa, p256/, "ca --type dsa --out-dir @ca");
    });
  },
);

test("tool: nothing is overwritten without --force", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await run(path, `${CSR} --san a.example`);
    await run(path, SIGN);
    const lines = [
      `${CSR} --san b.example`,
      SIGN,
      "ca --no-intermediate --bits 1024 --out-dir @ca",
      "keygen --bits 1024 --out @key.pem",
    ];
    const contents = async () => {
      const names = ["key.pem", "request.pem", "certificate.pem", "ca/ca.pem", "ca/ca-key.pem"];
      return await Promise.all(names.map((name) => readFile(path(name), "utf8")));
    };
    const before = await contents();
    for (const line of lines) await refused(path, 1, /already exists; --force overwrites it/, line);
    assert.deepEqual(await contents(), before);
    for (const line of lines) await run(path, `${line} --force`);
    const after = await contents();
    assert.ok(after.every((text, i) => text !== before[i]));
    assert.equal((await stat(path("key.pem"))).mode & 0o777, 0o600);
    assert.equal((await readdir(path(""))).length, 4);
  });
});

test("tool: keygen makes keys, encrypted ones too", { needs: ["openssl"] }, async () => {
  await inFolder(async (path) => {
    const made = JSON.parse(await run(path, "keygen --bits 1040 --out @key.pem --json"));
    assert.equal(made.key, "RSA 1040 bits");
    assert.match(
      await run(path, "inspect @key.pem"),
      new RegExp(`RSA 1040 bits\npin: ${made.pin.replaceAll("+", "\\+")}\n`),
    );
    await writeFile(path("secret"), "correct horse\n");
    await run(path, "keygen --bits 1024 --out @encrypted.pem --encrypt --passphrase-file @secret");
    using openssl = new OpenSsl();
    openssl.run(`pkey -in ${path("encrypted.pem")} -passin file:${path("secret")} -check -noout`);
    assert.match(await run(path, "inspect @encrypted.pem"), /^type: encrypted private key\n$/);
    assert.match(
      await run(path, "inspect --passphrase-file @secret @encrypted.pem"),
      /^type: private key\nkey: RSA 1024 bits\npin: sha256:/,
    );
    await run(
      path,
      `csr --key @encrypted.pem --passphrase-file @secret --san a.example --allow-weak --out @request.pem`,
    );
    await writeFile(path("wrong"), "wrong");
    const csr = "csr --key @encrypted.pem --san a.example --allow-weak --out @other.pem";
    await refused(path, 1, /encrypted\.pem: the passphrase is wrong/, `${csr} --passphrase-file @wrong`);
    await refused(path, 1, /a passphrase is needed/, csr);
    assert.equal((await fesa(words(path, csr), { answer: "correct horse" })).code, 0);
    const typed = await fesa(words(path, "keygen --bits 1024 --out @typed.pem --encrypt"), {
      answer: "twice",
    });
    assert.equal(typed.code, 0);
    assert.ok(parsePrivateKey(await readFile(path("typed.pem")), "twice"));
    await refused(path, 2, /--bits must be a multiple of 16/, "keygen --bits 1025 --out @x.pem");
    for (const option of ["--bits 2048", "--encrypt", "--encrypt --passphrase-file @secret"]) {
      await refused(path, 2, /is not for --secret/, `keygen --secret --out @x.pem ${option}`);
    }
    for (
      const command of [
        "keygen --out @x.pem",
        "keygen --secret --out @x",
        "ca --out-dir @x",
        "csr --key @x --san x",
      ]
    ) {
      await refused(path, 2, /--passphrase-file is for --encrypt/, `${command} --passphrase-file @secret`);
    }
    await writeFile(path("file"), "");
    await refused(path, 1, /cannot write .*: /, "keygen --bits 1024 --out @file/x/key.pem");
    await mkdir(path("folder/out"), { recursive: true });
    const onFolder = "keygen --type x25519 --out @folder/out --force";
    await refused(path, 1, /cannot write .*out: it is a folder|it already exists/, onFolder);
    assert.deepEqual(await readdir(path("folder")), ["out"], "no key is left in a stray file");
    await refused(path, 1, /cannot write .*: /, "keygen --bits 1024 --out /proc/x/key.pem"); // once without end on Node
    await run(path, "keygen --bits 1024 --out @new/folder/key.pem");
    await refused(path, 2, /--bits must be a whole number/, "keygen --bits 512 --out @x.pem");
  });
});

test(
  "tool: an intermediate signs instead of the root, and chains are written in full",
  { needs: ["openssl"] },
  async () => {
    await inFolder(async (path) => {
      await writeFile(path("key.pem"), exportPrivateKey(rsa1024), { mode: 0o600 });
      await run(path, "ca --bits 1024 --out-dir @ca --subject CN=Root --intermediate CN=Issuer --days 100");
      await run(path, `${CSR} --san a.example`);
      const signed = JSON.parse(await run(path, `${SIGN} --days 30 --json`));
      assert.equal(signed.issuer, "CN=Issuer");
      const chain = parseCertificates(await readFile(path("certificate.pem"), "utf8"));
      assert.deepEqual(chain.map(({ subject }) => subject.toString()), ["CN=a.example", "CN=Issuer"]);
      const verify = "verify --roots @ca/root.pem --name a.example --allow-weak @certificate.pem";
      assert.equal(await run(path, verify), "valid: CN=a.example < CN=Issuer < CN=Root\n");
      using openssl = new OpenSsl();
      const [root, leaf] = [path("ca/root.pem"), path("certificate.pem")];
      openssl.run(`verify -x509_strict -auth_level 0 -CAfile ${root} -untrusted ${leaf} ${leaf}`);
      await refused(path, 1, /beyond the end/, `${SIGN} --days 101 --force`);
      await refused(path, 1, /leaves no room/, `${SIGN} --profile ca --force`);
    });
  },
);

test("tool: requests contain what the options say", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const ask = async (line: string, ...more: string[]) =>
      JSON.parse(await run(path, `${CSR} --force --json ${line}`, ...more)) as {
        subject: string;
        names: string[];
      };
    const asked = await ask(
      "--san dns:a.example,ip:192.0.2.1 --san email:a@b.example --subject",
      "CN=x,O=Firm",
    );
    assert.equal(asked.subject, "CN=x,O=Firm");
    assert.deepEqual(asked.names, ["DNS:a.example", "IP:192.0.2.1", "email:a@b.example"]);
    assert.deepEqual((await ask("--subject", "CN=host.example,O=Firm")).names, ["DNS:host.example"]);
    assert.deepEqual((await ask("--subject", "CN=192.0.2.1")).names, ["IP:192.0.2.1"]);
    assert.deepEqual((await ask("--subject", "CN=Ann Other,O=Firm")).names, []);
    assert.equal((await ask("--san dns:a.example")).subject, "CN=a.example");
    assert.equal((await ask("--san abcd::1")).subject, "CN=abcd::1");
    assert.equal((await ask("--san ip:abcd::1")).subject, "CN=abcd::1");
    await refused(path, 2, /--san is missing/, `${CSR} --force`);
    for (const option of ["--bits 2048", "--encrypt"]) {
      await refused(
        path,
        2,
        /is for a new key, and .*key\.pem already exists/,
        `${CSR} --force --san a ${option}`,
      );
    }
    await refused(path, 2, /--san: not a subject alternative name: a_\+/, `${CSR} --force --san a_+`);
    await refused(
      path,
      2,
      /--subject: not a distinguished name: CN; an example is CN=/,
      `${CSR} --force --subject CN`,
    );
    await refused(
      path,
      1,
      /less than 2048 must be allowed explicitly/,
      "csr --key @key.pem --out @r.pem --san a.example",
    );
  });
});

test("tool: a name too long for a common name is certified without one", { needs: ["openssl"] }, async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const name = `${"a".repeat(56)}.example`;
    assert.match(
      await run(path, `${CSR} --san dns:${name}`),
      /request\.pem: a request for CN=a+\.example, DNS:/,
    );
    const long = `a${name}`;
    assert.match(
      await run(path, `${CSR} --force --san dns:${long}`),
      /request\.pem: a request for DNS:a+\.example\n$/,
    );
    assert.match(await run(path, SIGN), /certificate\.pem: DNS:a+\.example, until /);
    await run(path, `${VERIFY} --name ${long}`);
    using openssl = new OpenSsl();
    const verify = `verify -x509_strict -auth_level 0 -CAfile ${path("ca/ca.pem")} -verify_hostname ${long}`;
    openssl.run(`${verify} ${path("certificate.pem")}`);
  });
});

test("tool: all files of a CA are written, or none", async () => {
  await inFolder(async (path) => {
    const ca = "ca --bits 1024 --out-dir @ca";
    const wrong: [string[], RegExp][] = [
      [["--intermediate", "nonsense"], /--intermediate: not a distinguished name: nonsense/],
      [["--subject", "nonsense"], /--subject: not a distinguished name: nonsense/],
      [
        ["--subject", "CN=A Root", "--intermediate", "cn=a  root"],
        /--intermediate must differ from the root's name/,
      ],
      [["--subject", ""], /--subject is empty/],
      [["--intermediate", " "], /--intermediate is empty/],
      [["--intermediate", "CN=A", "--no-intermediate"], /--intermediate and --no-intermediate exclude/],
      [["--permit", "*.a.example"], /--permit: not a domain or a range of addresses: \*\.a\.example/],
      [["--exclude", "ip:10.0.0.0/33"], /--exclude: not a domain or a range of addresses/],
    ];
    for (const [more, message] of wrong) {
      const ran = await tryRun(path, ca, ...more);
      assert.equal(ran.code, 2, ran.stderr);
      assert.match(ran.stderr, message);
    }
    const answers = ["first", "first", "second", "mistyped"];
    const ran = await fesa(words(path, `${ca} --subject CN=R --intermediate CN=I --encrypt`), {
      answer: () => answers.shift()!,
    });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /the two passphrases are not the same/);
    assert.deepEqual(await readdir(path("")), []);
    await run(path, `${ca} --subject CN=R --intermediate CN=I`);
    assert.equal((await readdir(path("ca"))).length, 4);
  });
});

test("tool: a wrong command line is reported before any file is read", async () => {
  await inFolder(async (path) => {
    await writeFile(path("there"), "");
    const wrong: [string, RegExp][] = [
      ["csr --key @there --san dns:", /--san: not a subject alternative name: dns:/],
      ["csr --key @there --san ip:1.2.3", /--san: not a subject alternative name/],
      ["csr --key @there --san a,,b", /--san: not a subject alternative name/],
      ["csr --key @there --out @there --subject CN", /--subject: not a distinguished name/],
      ["csr --key @none --out @there --san a --bits 1000", /--bits must be a whole number/],
      ["keygen --out @there --bits 1000", /--bits must be a whole number/],
      ["ca --out-dir @there --bits 1025", /--bits must be a multiple of 16/],
      ["ca --out-dir @there --days 0", /--days must be a whole number/],
      ["sign --in @none --out @there --days 0", /--days must be a whole number/],
      ["sign --in @none --profile other", /--profile must be one of/],
      ["sign --in @none --san ip:1.2.3", /--san: not a subject alternative name/],
      ["sign --in @none --key @there --san a", /--in and --key exclude each other/],
      ["sign --in @none --bits 2048", /--bits is for a new key, which needs --key/],
      ["sign --key @none", /--san is missing/],
      ["sign --key @none --san a --type p256 --bits 2048", /--bits is not for --type p256/],
      ["sign --in @none --subject CN", /--subject: not a distinguished name/],
      ["verify --roots @none --usage other @none", /--usage must be one of/],
      ["verify --roots @none --name *.example @none", /--name: .* is not a DNS name or an IP address/],
      ["verify --roots @none --name ünï @none", /--name: .* is not a DNS name/],
      ["revoke --ca @none --reason bored", /--reason must be one of/],
      ["revoke --ca @none --days 0", /--days must be a whole number/],
      ["sign --in @none --in @there", /--in is given twice/],
      ["keygen --out @a --out @b", /--out is given twice/],
    ];
    for (const [line, message] of wrong) await refused(path, 2, message, line);
    for (const name of ["", "a b"]) {
      const ran = await tryRun(path, "verify --roots @none @none --json --name", name);
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /--name: .* is not a DNS name/);
    }
    assert.deepEqual(await readdir(path("")), ["there"]);
  });
});

test(
  "tool: sign checks the request, and options replace what it asks for",
  { needs: ["openssl"] },
  async () => {
    await inFolder(async (path) => {
      await prepare(path);
      await run(path, `${CSR} --subject`, "CN=Ann Other");
      await refused(path, 1, /needs an alternative name/, SIGN);
      const client = JSON.parse(
        await run(path, `${SIGN} --profile client --san email:ann@firm.example --json`),
      );
      assert.deepEqual(client.names, ["email:ann@firm.example"]);
      await run(path, `${VERIFY} --usage client`);
      await refused(path, 1, /not for|purpose|use/, VERIFY);
      const server = JSON.parse(await run(path, `${SIGN} --subject CN=b --san b.example --force --json`));
      assert.deepEqual([server.subject, server.names], ["CN=b", ["DNS:b.example"]]);
      await refused(path, 2, /--profile must be one of/, `${SIGN} --force --profile other`);
      await refused(path, 2, /--days must be a whole number/, `${SIGN} --force --days 0`);
      await refused(path, 1, /less than 2048/, `sign ${CA} --in @request.pem --out @x.pem --san b.example`);
      await refused(
        path,
        1,
        /cannot read .*none\.pem: there is no such file/,
        `sign ${CA} --in @none.pem --out @x.pem`,
      );
      await refused(
        path,
        1,
        /key is not that of its certificate/,
        `sign --ca @ca/ca.pem --ca-key @key.pem --in @request.pem --out @x.pem --allow-weak --san b.example`,
      );
      using openssl = new OpenSsl();
      openssl.run(
        `req -new -key ${
          path("key.pem")
        } -subj /CN=x -addext subjectAltName=DNS:x.example -outform DER -out ${path("theirs.der")}`,
      );
      await run(path, `${SIGN} --force`.replace("@request.pem", "@theirs.der"));
      await run(path, `${VERIFY} --name x.example`);
    });
  },
);

test("tool: verify asks for the key usage that RSA key exchange needs", { needs: ["openssl"] }, async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await run(path, `${CSR} --san a.example`);
    using openssl = new OpenSsl();
    openssl.write("extensions", "keyUsage=digitalSignature\nsubjectAltName=DNS:a.example\n");
    const issuer = `-CA ${path("ca/ca.pem")} -CAkey ${path("ca/ca-key.pem")}`;
    const files = `-in ${path("request.pem")} -out ${path("certificate.pem")}`;
    openssl.run(`x509 -req -days 10 -extfile extensions ${issuer} ${files}`);
    await refused(path, 1, /keyEncipherment/, VERIFY);
    await run(path, `${VERIFY} --usage client`);
    await run(path, `${VERIFY} --usage any`);
  });
});

test("tool: revoked certificates are on the list, which grows", { needs: ["openssl"] }, async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await run(path, `${CSR} --san a.example`);
    await run(path, SIGN);
    await run(path, SIGN.replace("certificate.pem", "second.pem"));
    const revoke = `revoke ${CA} --crl @ca/crl.pem`;
    const check = `${VERIFY} --crl @ca/crl.pem --require-crl`;
    assert.match(await run(path, revoke), /0 revoked/);
    await run(path, check);
    assert.match(await run(path, `${revoke} --reason keyCompromise @certificate.pem`), /1 revoked/);
    await refused(path, 1, /revoked at .* \(keyCompromise\)/, check);
    assert.match(await run(path, `${revoke} @certificate.pem @second.pem`), /2 revoked/);
    const list = JSON.parse(await run(path, "inspect --json @ca/crl.pem"))[0];
    assert.deepEqual(list.revoked.map(({ reason }: { reason?: string }) => reason), [
      "keyCompromise",
      undefined,
    ]);
    using openssl = new OpenSsl();
    const verify = `verify -auth_level 0 -crl_check -CRLfile ${path("ca/crl.pem")} -CAfile ${
      path("ca/ca.pem")
    }`;
    assert.match(openssl.try(`${verify} ${path("second.pem")}`).output, /certificate revoked/);
    // Neither the certificate nor the list of another CA is accepted.
    await run(path, "ca --no-intermediate --bits 1024 --out-dir @other --subject", "CN=Root,O=Firm");
    const other = "revoke --ca @other/ca.pem --ca-key @other/ca-key.pem";
    await refused(path, 1, /this CA did not issue/, `${other} --crl @other/crl.pem @certificate.pem`);
    await refused(path, 1, /the list is not this CA's/, `${other} --crl @ca/crl.pem`);
    await refused(path, 2, /--reason must be one of/, `${revoke} --reason bored`);
  });
});

test("tool: verify says why it refuses", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await run(path, `${CSR} --san a.example`);
    await run(path, SIGN);
    assert.match(await run(path, `${VERIFY} --name a.example`), /^valid: CN=a.example < CN=Root,O=Firm\n$/);
    assert.equal(JSON.parse(await run(path, `${VERIFY} --json`)).valid, true);
    const { code, stdout } = await tryRun(path, `${VERIFY} --name b.example --json`);
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).reason, "name_mismatch");
    await refused(path, 1, /not for "b\.example"/, `${VERIFY} --name b.example`);
    await refused(path, 1, /bits|weak/, "verify --roots @ca/ca.pem @certificate.pem");
    await refused(
      path,
      1,
      /key\.pem: the text has no CERTIFICATE block, but PRIVATE KEY/,
      "verify --roots @ca/ca.pem @key.pem",
    );
    await refused(path, 2, /--roots is missing/, "verify @certificate.pem");
    await refused(path, 2, /an argument is missing: chain\.pem/, "verify --roots @ca/ca.pem");
  });
});

test("tool: inspect prints every kind of file", { needs: ["openssl"] }, async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await run(path, `${CSR} --san a.example`);
    using openssl = new OpenSsl();
    openssl.run(`pkey -in ${path("key.pem")} -pubout -out ${path("public.pem")}`);
    openssl.run(`req -in ${path("request.pem")} -outform DER -out ${path("request.der")}`);
    await writeFile(path("key.der"), exportPrivateKeyDer(rsa2048), { mode: 0o600 });
    const files = ["ca/ca.pem", "request.pem", "request.der", "key.pem", "key.der", "public.pem"];
    const found = JSON.parse(await run(path, `inspect --json ${files.map((file) => `@${file}`).join(" ")}`));
    const types = (found as { type: string }[]).map(({ type }) => type);
    assert.deepEqual(types, [
      "certificate",
      "request",
      "request",
      "private key",
      "private key",
      "public key",
    ]);
    assert.equal(found[1].pin, found[5].pin);
    assert.match(
      await run(path, "inspect @ca/ca.pem @request.pem"),
      /subject: CN=Root,O=Firm\n[^]*\n\ntype: request\n/,
    );
    openssl.run(`genpkey -algorithm ED448 -out ${path("other.pem")}`);
    assert.match(
      await run(path, "inspect @other.pem"),
      /^type: private key\nproblem: Ed448 private keys are not supported\n$/,
    );
    openssl.run(`ecparam -name secp384r1 -genkey -out ${path("ec.pem")}`);
    assert.match(
      await run(path, "inspect @ec.pem"),
      /^type: ec parameters\n\ntype: private key\nkey: P-384\npin: sha256:/,
    );
    openssl.run(`rsa -in ${path("key.pem")} -traditional -aes128 -passout pass:x -out ${path("old.pem")}`);
    assert.equal(await run(path, "inspect @old.pem"), "type: encrypted rsa private key\n");
    await writeFile(path("pass"), "x");
    assert.equal(
      await run(path, "inspect --passphrase-file @pass @old.pem"),
      await run(path, "inspect @key.pem"),
    );
    await writeFile(path("wrong"), "y");
    await refused(path, 1, /old\.pem: /, "inspect --passphrase-file @wrong @old.pem");
    await writeFile(path("junk.pem"), "junk");
    await writeFile(path("junk.der"), Uint8Array.of(0x30, 3, 2, 1, 5));
    await writeFile(path("odd.pem"), "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n");
    await refused(path, 1, /junk\.pem: it is neither PEM nor DER/, "inspect @junk.pem");
    await refused(path, 1, /junk\.der: it is not a certificate, request/, "inspect @junk.der");
    assert.equal(await run(path, "inspect @odd.pem"), "type: dh parameters\n");
    await refused(path, 1, /cannot read .*: there is no such file/, "inspect @none.pem");
  });
});

test("tool: DER, UTF-16, Latin-1 comments and byte order marks in files, as other programs write them", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await run(path, `${CSR} --san`, "DNS:app.example, IP:127.0.0.1");
    await run(path, SIGN);
    const [root, certificate] = [
      await readFile(path("ca/ca.pem"), "utf8"),
      await readFile(path("certificate.pem"), "utf8"),
    ];
    const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");
    const forms = {
      der: (pem: string) => parseCertificates(pem)[0].der,
      utf16,
      latin1: (pem: string) => Buffer.from(`M\u00fcller\n${pem}`, "latin1"),
    };
    for (const form of Object.values(forms)) {
      await writeFile(path("root"), form(root));
      await writeFile(path("certificate"), form(certificate));
      for (const name of ["app.example", "127.0.0.1"]) {
        await run(path, `verify --roots @root --name ${name} --allow-weak @certificate`);
      }
    }
    await writeFile(path("key"), exportPrivateKey(rsa1024, { passphrase: "secret" }));
    for (const words of [Buffer.from("\ufeffsecret\r\n"), utf16("secret\r\n")]) {
      await writeFile(path("words"), words);
      await run(
        path,
        "csr --key @key --passphrase-file @words --san a.example --out @r.pem --force --allow-weak",
      );
    }
    await writeFile(path("words"), Buffer.from("caf\u00e9", "latin1"));
    await refused(
      path,
      1,
      /words: it is not text/,
      "csr --key @key --passphrase-file @words --san a.example --out @r.pem --force",
    );
  });
});

test("tool: of a bundle with one bad certificate, that one is named", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const root = await readFile(path("ca/ca.pem"), "utf8");
    const bad = Uint8Array.from(parseCertificates(root)[0].der);
    bad.set([0xfc], String.fromCharCode(...bad).indexOf("Root")); // no UTF-8 any more, which alone is no fault
    const version = String.fromCharCode(...bad).indexOf("\x02\x01\x02");
    bad[version + 2] = 5;
    await writeFile(path("bundle.pem"), `${root}${root}${encodePem("CERTIFICATE", bad)}`);
    await refused(
      path,
      1,
      /bundle\.pem: certificate 3 of 3: the certificate has an INTEGER out of range/,
      "verify --roots @bundle.pem @ca/ca.pem",
    );
    await writeFile(path("p7.pem"), encodePem("PKCS7", bad));
    await refused(path, 1, /p7\.pem: the PKCS#7 bundle has/, "verify --roots @p7.pem @ca/ca.pem");
  });
});

test("verify: lists signed by a new key of the CA, and lists without nextUpdate", async () => {
  const day = (offset: number) => `${new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 19)}Z`;
  const valid = { notBefore: day(-30), notAfter: day(300) };
  const names = { subject: "CN=Root", issuer: "CN=Root", signer: rsa2048, ...valid };
  const root = makeCa({ ...names, key: rsa2048 });
  const newKey = makeCa({ ...names, key: rsa3072 });
  const server = makeServer({ issuer: "CN=Root", signer: rsa2048, key: rsa2048, ...valid });
  const list = makeList({ issuer: root, signer: rsa3072, thisUpdate: day(-8), nextUpdate: null });
  await inFolder(async (path) => {
    for (const [name, file] of Object.entries({ root, newKey, server })) {
      await writeFile(path(name), file.pem);
    }
    await writeFile(path("list"), list);
    const check = "verify --roots @root --require-crl --crl @list @server";
    await refused(
      path,
      1,
      /no current list or OCSP response of CN=.* shows that the certificate is not revoked/,
      `${check} --crl-days 9`,
    );
    await refused(
      path,
      1,
      /no current list or OCSP response of CN=.* shows that the certificate is not revoked/,
      `${check} --crl-issuer @newKey`,
    );
    await run(path, `${check} --crl-issuer @newKey --crl-days 9`);
    await refused(path, 2, /--crl-days must be a whole number/, `${check} --crl-days x`);
    await refused(path, 1, /cannot read/, `${check} --crl-issuer @none`);
  });
});
