import { assert, channelError, test, vector, vectorText } from "../_kit/mod.ts";
import { rsa1024, rsa2048 } from "../_kit/keys.ts";
import { OpenSsl } from "../_kit/openssl.ts";
import { spawnSync } from "node:child_process";
import { Files } from "../_kit/files.ts";
import { decodePem, der, encodePem } from "../../src/asn1/mod.ts";
import { concat, fromBase64, fromHex, toUtf8 } from "../../src/bytes.ts";
import { ChannelError } from "../../src/errors.ts";
import { exportPublicKeyPem, parsePublicKey } from "../../src/x509/mod.ts";
import { exportPrivateKey, exportPrivateKeyDer, parsePrivateKey } from "../../src/x509/keys/key_file.ts";
import { generateKey, publicKeyOf } from "../../src/x509/keys/private_key.ts";
import type { PrivateKeyOptions } from "../../src/x509/keys/key_file.ts";

const KEY_TYPES = ["p256", "p384", "p521", "ed25519"] as const;

function certtool(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("certtool", args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

const FORMS: Readonly<Record<string, PrivateKeyOptions>> = {
  "PKCS#8": {},
  "PKCS#1": { format: "pkcs1" },
  "PBKDF2": { passphrase: "päss", iterations: 1000 },
  "scrypt": { passphrase: "päss", derivation: "scrypt", cost: 1024 },
};

test("private key: every form that is written is read back, as PEM and DER, as text and bytes", () => {
  for (const [form, options] of Object.entries(FORMS)) {
    const pem = exportPrivateKey(rsa1024, options);
    assert.deepEqual(parsePrivateKey(pem, "päss"), rsa1024, form);
    assert.deepEqual(parsePrivateKey(toUtf8(pem.replaceAll("\n", "\r\n")), toUtf8("päss")), rsa1024, form);
    assert.deepEqual(parsePrivateKey(exportPrivateKeyDer(rsa1024, options), "päss"), rsa1024, form);
  }
  const bundle = `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${exportPrivateKey(rsa1024)}`;
  assert.deepEqual(parsePrivateKey(bundle), rsa1024);
});

test("private key: the keys of mbedtls read as their verdicts say", { needs: ["vectors"] }, async () => {
  interface Verdict {
    readonly kind: string;
    readonly type?: string;
    readonly pyca?: string;
    readonly bits?: number;
    readonly curve?: string;
    readonly n?: string;
    readonly password?: string;
  }
  const verdicts = JSON.parse(vectorText("mbedtls-data/verdicts.json")) as Record<string, Verdict>;
  const count = { read: 0, refused: 0 };
  for (const [file, verdict] of Object.entries(verdicts)) {
    if (verdict.kind !== "key" || /public/i.test(verdict.type ?? "") || /pbes2.*_4096_/.test(file)) continue;
    const bytes = vector(`mbedtls-data/${file}`);
    // Other curves, small moduli, RC4 and single DES are refused, and the error names them.
    const isRsa = verdict.type === "rsa-private" && verdict.bits! >= 1024;
    const isEc = verdict.type === "ec-private" && /^secp(256|384|521)r1$/.test(verdict.curve!);
    const isOld = /rsa_pkcs1_\d+_aes192\.pem|rsa_pkcs8_pbe_sha1_\d+_2des/.test(file); // without a verdict
    const supported = isRsa || isEc || isOld;
    if (supported) {
      const key = parsePrivateKey(
        bytes,
        verdict.password ?? (file.startsWith("rsa_pkcs1") ? "testkey" : "PolarSSLTest"),
      );
      if (isOld) assert.equal(key.type, "rsa");
      else if (key.type === "rsa") assert.equal(key.n.toString(16), verdict.n, file);
      else assert.equal(`${key.type} ${verdict.type}`, "ec ec-private", file);
      count.read++;
    } else {
      await channelError(() => parsePrivateKey(bytes, "PolarSSLTest"), "unsupported");
      count.refused++;
    }
  }
  assert.deepEqual(count, { read: 167, refused: 61 });
});

test("private key: hostile files give keys or ChannelErrors", { needs: ["vectors"] }, () => {
  let read = 0;
  for (const kind of ["pkcs8", "privkey"]) {
    for (const line of vectorText(`fuzz-corpora/${kind}.jsonl.gz`).trim().split("\n")) {
      const { b64 } = JSON.parse(line) as { b64: string };
      try {
        parsePrivateKey(fromBase64(b64), "x");
        read++;
      } catch (error) {
        assert.ok(error instanceof ChannelError, String(error));
      }
    }
  }
  assert.ok(read > 0, "at least one of them is a key");
});

test("private key: OpenSSL reads what is written here", { needs: ["openssl"] }, () => {
  using openssl = new OpenSsl();
  for (const [form, options] of Object.entries(FORMS)) {
    openssl.write("key.pem", exportPrivateKey(rsa2048, options));
    openssl.write("key.der", exportPrivateKeyDer(rsa2048, options));
    assert.match(openssl.run("pkey -in key.pem -passin pass:päss -check -noout"), /valid/, form);
    assert.match(openssl.run("pkey -inform DER -in key.der -passin pass:päss -check -noout"), /valid/, form);
  }
});

test(
  "public key: OpenSSL reads what is written here, and the other way round",
  { needs: ["openssl"] },
  () => {
    using openssl = new OpenSsl();
    openssl.write("key.pem", exportPrivateKey(rsa2048));
    openssl.run("pkey -in key.pem -pubout -out theirs.pem");
    const publicKey = { type: "rsa", n: rsa2048.n, e: rsa2048.e } as const;
    assert.deepEqual(parsePublicKey(openssl.text("theirs.pem")), publicKey);
    assert.equal(exportPublicKeyPem(publicKey), openssl.text("theirs.pem"));
  },
);

test("private key: what OpenSSL writes is read here", { needs: ["openssl"] }, async () => {
  using openssl = new OpenSsl();
  openssl.write("key.pem", exportPrivateKey(rsa1024));
  const commands = [
    "rsa -in key.pem -traditional -out out",
    "pkey -in key.pem -outform DER -out out",
    "pkcs8 -in key.pem -topk8 -passout pass:secret -out out",
    "pkcs8 -in key.pem -topk8 -passout pass:secret -outform DER -out out",
    "pkcs8 -in key.pem -topk8 -passout pass:secret -v2 aes-128-cbc -v2prf hmacWithSHA1 -out out",
    "pkcs8 -in key.pem -topk8 -passout pass:secret -v2 aes-192-cbc -v2prf hmacWithSHA384 -out out",
    "pkcs8 -in key.pem -topk8 -passout pass:secret -v2 des3 -v2prf hmacWithSHA512 -out out",
    "pkcs8 -in key.pem -topk8 -passout pass:secret -scrypt -out out",
    "rsa -in key.pem -traditional -aes128 -passout pass:secret -out out",
    "rsa -in key.pem -traditional -aes192 -passout pass:secret -out out",
    "rsa -in key.pem -traditional -aes256 -passout pass:secret -out out",
    "rsa -in key.pem -traditional -des3 -passout pass:secret -out out",
    "pkcs8 -in key.pem -topk8 -passout pass:secret -v1 PBE-SHA1-3DES -out out",
    "pkcs8 -in key.pem -topk8 -passout pass:secret -v1 PBE-SHA1-2DES -out out",
  ];
  for (const command of commands) {
    openssl.run(command);
    assert.deepEqual(parsePrivateKey(openssl.read("out"), "secret"), rsa1024, command);
    if (!/passout/.test(command)) continue;
    await channelError(() => parsePrivateKey(openssl.read("out")), "passphrase");
    await channelError(() => parsePrivateKey(openssl.read("out"), "wrong"), "passphrase");
  }
  openssl.run("pkcs8 -in key.pem -topk8 -passout pass:secret -v2 camellia-256-cbc -out out");
  await channelError(() => parsePrivateKey(openssl.read("out"), "secret"), "unsupported");
});

test("private key: every type in every form, here and by OpenSSL", { needs: ["openssl"] }, async () => {
  using openssl = new OpenSsl();
  for (const type of KEY_TYPES) {
    const key = await generateKey(type);
    const spki = exportPublicKeyPem(key);
    for (const [form, options] of Object.entries({ ...FORMS, "SEC 1": { format: "sec1" } as const })) {
      if (form === "PKCS#1" || form === "SEC 1" && key.type !== "ec") {
        assert.throws(() => exportPrivateKey(key, options), TypeError);
        continue;
      }
      const pem = exportPrivateKey(key, options);
      assert.deepEqual(parsePrivateKey(pem, "päss"), key);
      assert.deepEqual(parsePrivateKey(exportPrivateKeyDer(key, options), "päss"), key);
      openssl.write("key.pem", pem);
      openssl.run("pkey -in key.pem -passin pass:päss -pubout -out public.pem");
      assert.equal(openssl.text("public.pem"), spki, `${type} as ${form}`);
    }
    assert.deepEqual(parsePublicKey(spki), publicKeyOf(key));
  }
});

test("private key: every type that OpenSSL makes, in each of its forms", { needs: ["openssl"] }, async () => {
  using openssl = new OpenSsl();
  const algorithms = {
    "EC -pkeyopt ec_paramgen_curve:P-256": "ec",
    "EC -pkeyopt ec_paramgen_curve:P-384": "ec",
    "EC -pkeyopt ec_paramgen_curve:P-521": "ec",
    "ED25519": "ed25519",
    "RSA-PSS -pkeyopt rsa_keygen_bits:1024": "rsa-pss",
    "RSA-PSS -pkeyopt rsa_keygen_bits:1024 -pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32":
      "rsa-pss",
  };
  for (const [algorithm, type] of Object.entries(algorithms)) {
    openssl.run(`genpkey -algorithm ${algorithm} -out key.pem`);
    openssl.run("pkey -in key.pem -pubout -out public.pem");
    const commands = [
      "pkey -in key.pem -outform DER -out out",
      "pkcs8 -in key.pem -topk8 -passout pass:secret -out out",
      ...(type === "ec"
        ? ["ec -in key.pem -out out", "ec -in key.pem -outform DER -no_public -out out"]
        : []),
      ...(type === "ec" ? ["ec -in key.pem -conv_form compressed -out out"] : []),
    ];
    for (const command of commands) {
      openssl.run(command);
      const key = parsePrivateKey(openssl.read("out"), "secret");
      assert.equal(key.type, type);
      assert.equal(exportPublicKeyPem(key), openssl.text("public.pem"), `${algorithm}: ${command}`);
      assert.deepEqual(parsePrivateKey(exportPrivateKey(key)), key);
    }
  }
  openssl.run("ecparam -name prime256v1 -genkey -out out");
  assert.equal(parsePrivateKey(openssl.read("out")).type, "ec", "after EC PARAMETERS");
  const others = ["EC -pkeyopt ec_paramgen_curve:secp256k1", "ED448", "X448"];
  for (const algorithm of others) {
    openssl.run(`genpkey -algorithm ${algorithm} -out out`);
    await channelError(() => parsePrivateKey(openssl.read("out")), "unsupported");
  }
  openssl.run(
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit -out out",
  );
  await channelError(() => parsePrivateKey(openssl.read("out")), "unsupported");
});

test("private key: GnuTLS reads every type that is written here, and the other way round", {
  needs: ["certtool"],
}, async () => {
  using files = new Files();
  for (const type of KEY_TYPES) {
    const key = await generateKey(type);
    const path = files.write("key.pem", exportPrivateKey(key));
    const output = certtool("--pubkey-info", "--load-privkey", path);
    assert.deepEqual(parsePublicKey(output), publicKeyOf(key), type);
  }
  const made = { "ecdsa --curve secp256r1": "ec", "ecdsa --curve secp521r1": "ec", "ed25519": "ed25519" };
  for (const [options, type] of Object.entries(made)) {
    const pem = certtool("--generate-privkey", "--no-text", "--key-type", ...options.split(" "));
    assert.equal(parsePrivateKey(pem).type, type);
    const pkcs8 = certtool(
      "--generate-privkey",
      "--no-text",
      "--pkcs8",
      "--password",
      "",
      "--key-type",
      ...options.split(" "),
    );
    assert.equal(parsePrivateKey(pkcs8).type, type);
  }
});

test("private key: the Ed25519 keys of RFC 8410 section 10.3", () => {
  const d = "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842";
  const publicKey = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
  const keys = [
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC",
    "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhCoB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
  ];
  for (const base64 of keys) {
    assert.deepEqual(parsePrivateKey(fromBase64(base64)), {
      type: "ed25519",
      d: fromHex(d),
      key: fromHex(publicKey),
    });
  }
});

test("private key: EC and Ed25519 keys whose parts do not fit are refused", async () => {
  const [one, two] = [await generateKey("p256"), await generateKey("p256")];
  assert.ok(one.type === "ec" && two.type === "ec");
  const sec1 = (d: Uint8Array, ...more: Uint8Array[]) =>
    der.sequence(der.integer(1), der.octetString(d), ...more);
  const P256 = der.explicit(0, der.oid("1.2.840.10045.3.1.7"));
  const point = (bytes: Uint8Array) => der.explicit(1, der.bitString(bytes));
  assert.deepEqual(parsePrivateKey(sec1(one.d, P256)), one);
  assert.deepEqual(parsePrivateKey(sec1(concat(Uint8Array.of(0), one.d), P256)), one, "as old Java wrote it");
  assert.deepEqual(
    parsePrivateKey(sec1(Uint8Array.of(1), P256)),
    parsePrivateKey(sec1(concat(new Uint8Array(31), Uint8Array.of(1)), P256)),
  );
  const refused: readonly (readonly ["malformed" | "unsupported", Uint8Array])[] = [
    ["malformed", sec1(one.d)],
    ["malformed", sec1(one.d, P256, point(two.point))],
    ["malformed", sec1(new Uint8Array(32), P256)],
    ["malformed", sec1(new Uint8Array(32).fill(255), P256)],
    ["malformed", sec1(concat(Uint8Array.of(1), one.d), P256)],
    ["malformed", sec1(new Uint8Array(0), P256)],
    ["malformed", der.sequence(der.integer(2), der.octetString(one.d), P256)],
    ["unsupported", sec1(one.d, der.explicit(0, der.oid("1.3.132.0.10")))],
    [
      "malformed",
      der.sequence(
        der.integer(0),
        der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.3.132.0.34")),
        der.octetString(sec1(one.d, P256)),
      ),
    ],
    [
      "malformed",
      der.sequence(
        der.integer(1),
        der.sequence(der.oid("1.3.101.112")),
        der.octetString(der.octetString(new Uint8Array(32))),
        der.implicit(1, der.bitString(new Uint8Array(32))),
      ),
    ],
    [
      "malformed",
      der.sequence(
        der.integer(0),
        der.sequence(der.oid("1.3.101.112")),
        der.octetString(der.octetString(new Uint8Array(31))),
      ),
    ],
  ];
  for (const [code, bytes] of refused) await channelError(() => parsePrivateKey(bytes), code);
});

test("private key: files of other kinds say what they are and how to convert them", async () => {
  const openssh = encodePem("OPENSSH PRIVATE KEY", toUtf8("openssh-key-v1\0"));
  assert.match(
    (await channelError(() => parsePrivateKey(openssh), "unsupported")).message,
    /ssh-keygen -p -m PKCS8/,
  );
  const dsa = encodePem("DSA PRIVATE KEY", der.sequence(der.integer(0)));
  assert.match((await channelError(() => parsePrivateKey(dsa), "unsupported")).message, /DSA/);
  const pkcs12 = der.sequence(der.integer(3), der.sequence(der.oid("1.2.840.113549.1.7.1")));
  assert.match(
    (await channelError(() => parsePrivateKey(pkcs12), "unsupported")).message,
    /PKCS#12 .* parsePkcs12/,
  );
  const publicKey = exportPublicKeyPem(rsa1024);
  assert.match(
    (await channelError(() => parsePrivateKey(publicKey), "malformed")).message,
    /but PUBLIC KEY$/,
  );
});

test("private key: invalid PEM headers are refused", async () => {
  const pem = (info: string, length = 32) =>
    encodePem("RSA PRIVATE KEY", new Uint8Array(length)).replace(
      "-----\n",
      `-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: ${info}\n\n`,
    );
  const iv = "00".repeat(16);
  await channelError(() => parsePrivateKey(pem(`AES-128-CBC,${iv}`), "x"), "passphrase");
  await channelError(() => parsePrivateKey(pem(`AES-128-CBC,${iv}`)), "passphrase");
  for (const info of ["", "AES-128-CBC", `AES-128-CBC,${iv}00`, "AES-128-CBC,00", "AES-128-CBC,zz"]) {
    await channelError(() => parsePrivateKey(pem(info), "x"), "malformed");
  }
  await channelError(() => parsePrivateKey(pem(`AES-128-CBC,${iv}`, 31), "x"), "malformed");
  await channelError(() => parsePrivateKey(pem(`CAMELLIA-128-CBC,${iv}`), "x"), "unsupported");
});

test("public key: PKCS#1, as OpenSSL writes it", { needs: ["openssl"] }, () => {
  using openssl = new OpenSsl();
  openssl.write("key.pem", exportPrivateKey(rsa2048));
  openssl.run("rsa -in key.pem -RSAPublicKey_out -out out");
  assert.deepEqual(parsePublicKey(openssl.text("out")), publicKeyOf(rsa2048));
  openssl.run("rsa -in key.pem -RSAPublicKey_out -outform DER -out out");
  assert.deepEqual(parsePublicKey(openssl.read("out")), publicKeyOf(rsa2048));
});

test("private key: encrypted by GnuTLS, whose PBKDF2 has no NULL", { needs: ["certtool"] }, () => {
  for (const type of ["rsa", "ecdsa", "ed25519"]) {
    const args = ["--generate-privkey", "--no-text", "--key-type", type, "--pkcs8", "--password", "secret"];
    const key = parsePrivateKey(certtool(...args), "secret");
    assert.equal(key.type, type === "ecdsa" ? "ec" : type);
  }
});

test("private key: a wrong or missing passphrase differs from a broken file", async () => {
  const pem = exportPrivateKey(rsa1024, FORMS["PBKDF2"]);
  await channelError(() => parsePrivateKey(pem), "passphrase");
  const cheap = exportPrivateKey(rsa1024, { passphrase: "right", iterations: 1 });
  for (let i = 0; i < 600; i++) {
    // One wrong passphrase in 256 gives valid padding by chance, and must still be refused.
    await channelError(() => parsePrivateKey(cheap, `wrong ${i}`), "passphrase");
  }
  const bytes = exportPrivateKeyDer(rsa1024, FORMS["PBKDF2"]);
  await channelError(() => parsePrivateKey(bytes.subarray(0, -1), "päss"), "malformed");
  await channelError(() => parsePrivateKey(pem.replace("END ENCRYPTED", "END"), "päss"), "malformed");
});

test("private key: files that would cost too much are refused before the work", async () => {
  const aes = der.sequence(der.oid("2.16.840.1.101.3.4.1.42"), der.octetString(new Uint8Array(16)));
  const encrypted = (derivation: Uint8Array, length = 32) =>
    der.sequence(
      der.sequence(der.oid("1.2.840.113549.1.5.13"), der.sequence(derivation, aes)),
      der.octetString(new Uint8Array(length)),
    );
  const pbkdf2 = (iterations: number | bigint, ...more: Uint8Array[]) =>
    encrypted(der.sequence(
      der.oid("1.2.840.113549.1.5.12"),
      der.sequence(der.octetString(new Uint8Array(8)), der.integer(iterations), ...more),
    ));
  const scrypt = (N: number, r: number, p: number) =>
    encrypted(der.sequence(
      der.oid("1.3.6.1.4.1.11591.4.11"),
      der.sequence(der.octetString(new Uint8Array(8)), der.integer(N), der.integer(r), der.integer(p)),
    ));
  const refused = [
    ["limit", pbkdf2(2_000_001)],
    ["malformed", pbkdf2(2n ** 64n)],
    ["malformed", pbkdf2(0)],
    ["malformed", pbkdf2(-1)],
    ["malformed", pbkdf2(1, der.integer(16))], // a key length that is not the cipher's
    ["limit", scrypt(2 ** 30, 8, 1)],
    ["limit", scrypt(1024, 8, 2 ** 20)],
    ["limit", scrypt(2, 1, 2 ** 17)], // little to mix, and much for PBKDF2
    ["limit", scrypt(2, 2 ** 14, 2)],
    ["passphrase", scrypt(2, 2 ** 14, 1)],
    ["malformed", scrypt(1000, 8, 1)],
    ["malformed", scrypt(1024, 0, 1)],
    ["malformed", scrypt(1024, 8, 0)],
    ["passphrase", pbkdf2(1)],
    ["passphrase", scrypt(16, 8, 1)],
  ] as const;
  for (const [code, bytes] of refused) await channelError(() => parsePrivateKey(bytes, "x"), code);
  const cheap = der.sequence(
    der.oid("1.2.840.113549.1.5.12"),
    der.sequence(der.octetString(new Uint8Array(8)), der.integer(1)),
  );
  for (const length of [0, 1, 31, 33]) {
    await channelError(() => parsePrivateKey(encrypted(cheap, length), "x"), "malformed");
  }
});

test("private key: broken keys are refused", async () => {
  const pkcs1 = (...numbers: bigint[]) => der.sequence(...numbers.map(der.integer));
  const { n, e, d, p, q, dp, dq, qi } = rsa1024;
  const pkcs8 = (version: number, ...parameters: Uint8Array[]) =>
    der.sequence(
      der.integer(version),
      der.sequence(der.oid("1.2.840.113549.1.1.1"), ...parameters),
      der.octetString(pkcs1(0n, n, e, d, p, q, dp, dq, qi)),
    );
  assert.deepEqual(parsePrivateKey(pkcs8(0, der.nul())), rsa1024);
  const refused: readonly (readonly [ConstructorParameters<typeof ChannelError>[0], string | Uint8Array])[] =
    [
      ["malformed", ""],
      ["malformed", new Uint8Array(0)],
      ["malformed", Uint8Array.of(0xff, 0xfe)],
      ["malformed", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
      ["malformed", encodePem("PRIVATE KEY", new Uint8Array(0))],
      ["malformed", pkcs1(0n, n, e, d, p, q, dp, dq)],
      ["malformed", pkcs1(0n, n, e, d, p, q, dp, dq, qi, 1n)],
      ["malformed", pkcs1(0n, n, e, d, q, p, dp, dq, qi)],
      ["malformed", pkcs1(0n, n, e, d + 2n, p, q, dp, dq, qi)],
      ["malformed", pkcs1(0n, n, e, d, p, q, dp, dq, -qi)],
      ["malformed", pkcs1(2n, n, e, d, p, q, dp, dq, qi)],
      ["unsupported", pkcs1(1n, n, e, d, p, q, dp, dq, qi)],
      ["malformed", pkcs8(0)],
      ["malformed", pkcs8(0, der.octetString(new Uint8Array(0)))],
      ["malformed", pkcs8(2, der.nul())],
    ];
  for (const [code, file] of refused) await channelError(() => parsePrivateKey(file), code);
  const key = exportPrivateKeyDer(rsa1024);
  for (let length = 0; length < key.length; length += 7) {
    await channelError(() => parsePrivateKey(key.subarray(0, length)), "malformed");
  }
});

test("private key: wrong arguments", () => {
  assert.throws(() => exportPrivateKey(rsa1024, { format: "pkcs1", passphrase: "x" }), TypeError);
  for (const iterations of [0, 1.5, 2_000_001, NaN]) {
    assert.throws(() => exportPrivateKey(rsa1024, { passphrase: "x", iterations }), RangeError);
  }
  for (const cost of [0, 1, 1000, 2 ** 19]) {
    assert.throws(
      () => exportPrivateKey(rsa1024, { passphrase: "x", derivation: "scrypt", cost }),
      RangeError,
    );
  }
});

test("private key: salt and IV are fresh", () => {
  const once = () => decodePem(exportPrivateKey(rsa1024, FORMS["PBKDF2"]))[0].bytes;
  assert.notDeepEqual(once(), once());
});
