import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { assert, test } from "../_kit/mod.ts";
import { OpenSsl } from "../_kit/openssl.ts";
import { parseCertificates, parsePkcs12, parsePrivateKey } from "../../src/x509/mod.ts";
import { inFolder, type Path, run, tryRun } from "./_kit.ts";

/** A CA with an intermediate, and the key and certificate of a server. */
async function prepare(path: Path): Promise<void> {
  await run(path, "ca --type p256 --intermediate CN=Issuer --out-dir @ca");
  await run(path, "csr --type p256 --key @key.pem --san localhost --out @request.pem");
  await run(path, "sign --ca @ca/ca.pem --ca-key @ca/ca-key.pem --in @request.pem --out @certificate.pem");
  await writeFile(path("pass"), "secret\n");
}

test("tool: convert to PKCS#12 and back, and every option that takes a key or certificate reads it", {
  needs: ["openssl"],
}, async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const to =
      "convert --to pkcs12 --name mine --new-passphrase-file @pass --out @all.p12 @key.pem @certificate.pem";
    assert.match(await run(path, to), /all\.p12: 1 private key, 2 certificates\n$/);
    assert.equal((await stat(path("all.p12"))).mode & 0o777, 0o600);
    using openssl = new OpenSsl();
    assert.match(
      openssl.run(`pkcs12 -in ${path("all.p12")} -passin pass:secret -nodes`),
      /friendlyName: mine/,
    );
    await run(path, "convert --out @back.pem --passphrase-file @pass @all.p12");
    const [key, back] = [await readFile(path("key.pem"), "utf8"), await readFile(path("back.pem"), "utf8")];
    assert.deepEqual(parsePrivateKey(back), parsePrivateKey(key));
    assert.equal(parseCertificates(back).length, 2);
    const inspected = await run(path, "inspect --passphrase-file @pass @all.p12");
    assert.match(inspected, /^type: private key\nkey: P-256\npin: .*\nname: mine\n\n/);
    const roots = "--roots @ca/root.pem";
    assert.match(await run(path, `verify ${roots} --passphrase-file @pass @all.p12`), /^valid: /);
    await run(path, "csr --key @all.p12 --passphrase-file @pass --san localhost --out @again.pem");
    await run(
      path,
      "convert --to pkcs12 --new-passphrase-file @pass --out @ca.p12 @ca/ca.pem @ca/ca-key.pem",
    );
    await run(
      path,
      "sign --ca @ca.p12 --ca-key @ca.p12 --passphrase-file @pass --in @again.pem --out @again-certificate.pem",
    );
    assert.match(await run(path, `verify ${roots} @again-certificate.pem`), /^valid: /);

    await run(path, "keygen --type p256 --out @other.pem");
    const lone = await tryRun(path, "convert --out @lone.pem @other.pem @certificate.pem");
    assert.match(
      lone.stderr,
      /^warning: none of the certificates is for the private key with the pin sha256:/,
    );
    assert.equal((await tryRun(path, "convert --out @pair.pem @key.pem @certificate.pem")).stderr, "");
    const missing = await tryRun(path, "inspect @all.p12");
    assert.match(missing.stderr, /all\.p12: a passphrase is needed: --passphrase-file/);
    await writeFile(path("wrong"), "wrong");
    const wrong = await tryRun(path, "inspect --passphrase-file @wrong @all.p12");
    assert.match(
      wrong.stderr,
      /all\.p12: the passphrase of the PKCS#12 file is wrong, or the file was modified/,
    );
  });
});

test("tool: convert writes weak PKCS#12 with a warning, and DER, encrypted PEM and JWK", {
  needs: ["openssl"],
}, async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const legacy =
      "convert --to pkcs12 --legacy --new-passphrase-file @pass --out @old.p12 @key.pem @certificate.pem";
    const { code, stderr } = await tryRun(path, legacy);
    assert.equal(code, 0);
    assert.match(stderr, /^warning: triple DES and SHA-1 are weak/);
    assert.equal(parsePkcs12(new Uint8Array(await readFile(path("old.p12"))), "secret").keys.length, 1);
    await run(path, "convert --to der --out @key.der @key.pem");
    await run(path, "convert --to der --out @root.der @ca/root.pem");
    await run(path, "convert --encrypt --new-passphrase-file @pass --out @encrypted.pem @key.pem");
    await run(path, "convert --to jwk --out @key.jwk @key.pem");
    using openssl = new OpenSsl();
    openssl.run(`pkey -inform DER -in ${path("key.der")} -noout`);
    openssl.run(`x509 -inform DER -in ${path("root.der")} -noout`);
    openssl.run(`pkey -in ${path("encrypted.pem")} -passin pass:secret -noout`);
    assert.equal(JSON.parse(await readFile(path("key.jwk"), "utf8")).crv, "P-256");
    openssl.run(`crl2pkcs7 -nocrl -certfile ${path("certificate.pem")} -out ${path("chain.p7b")}`);
    assert.match(await run(path, "convert --out @chain.pem @chain.p7b"), /0 private keys, 2 certificates/);
    assert.equal((await run(path, "inspect @chain.p7b")).match(/^subject/gm)?.length, 2);
    openssl.run(`ec -in ${path("key.pem")} -aes128 -passout pass:secret -out ${path("old.pem")}`);
    await run(path, "convert --passphrase-file @pass --out @new.pem @old.pem");
    assert.match(await readFile(path("new.pem"), "utf8"), /^-----BEGIN PRIVATE KEY-----/);
    for (
      const [line, complaint] of [
        ["convert --to der --out @x @key.pem @certificate.pem", /DER contains one key or one certificate/],
        ["convert --to jwk --out @x @certificate.pem", /a JSON Web Key contains one key, and there are 0/],
        ["convert --out @x @request.pem", /there is no private key or certificate in it/],
        ["convert --out @key.pem @old.pem", /already exists/],
        ["convert --name x --out @x @key.pem", /--name is for --to pkcs12/],
        ["convert --to jwk --encrypt --out @x @key.pem", /--encrypt is not for --to jwk/],
        ["convert @key.pem", /--out is missing/],
      ] as const
    ) {
      const ran = await tryRun(path, line);
      assert.notEqual(ran.code, 0);
      assert.match(ran.stderr, complaint);
    }
  });
});

test("tool: warns of a private key that everybody can read", { on: ["node"] }, async () => {
  await inFolder(async (path) => {
    await run(path, "keygen --type ed25519 --out @key.pem");
    const line = "csr --key @key.pem --san localhost --out @request.pem --force";
    assert.equal((await tryRun(path, line)).stderr, "");
    await chmod(path("key.pem"), 0o640);
    assert.equal((await tryRun(path, line)).stderr, "");
    await chmod(path("key.pem"), 0o644);
    assert.match(
      (await tryRun(path, line)).stderr,
      /^warning: everybody can read the private key in .*key\.pem: chmod 600/,
    );
  });
});

test("tool: OpenSSH keys say how to convert them", async () => {
  await inFolder(async (path) => {
    await writeFile(
      path("id"),
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n",
    );
    assert.match(await run(path, "inspect @id"), /problem: not read: convert with ssh-keygen -p -m PKCS8/);
    const ran = await tryRun(path, "csr --key @id --san localhost --out @request.pem");
    assert.match(ran.stderr, /OpenSSH keys are not read: convert with ssh-keygen -p -m PKCS8 -f FILE/);
  });
});
