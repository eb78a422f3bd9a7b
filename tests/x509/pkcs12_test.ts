import { spawnSync } from "node:child_process";
import { createHmac, pbkdf2Sync } from "node:crypto";
import { assert, channelError, test } from "../_kit/mod.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { OpenSsl } from "../_kit/openssl.ts";
import { Files } from "../_kit/files.ts";
import { der, readDer } from "../../src/asn1/mod.ts";
import { concat, fromHex, toHex, toUtf8 } from "../../src/bytes.ts";
import { PKCS12_PURPOSE, pkcs12Kdf } from "../../src/crypto/kdf.ts";
import { Rc2 } from "../../src/crypto/rc2.ts";
import { ChannelError } from "../../src/errors.ts";
import { bmpPassphrase } from "../../src/x509/keys/encryption/scheme.ts";
import {
  type Certificate,
  createCertificateAuthority,
  createCertificateRequest,
  createPkcs12,
  exportPrivateKey,
  exportPublicKeyPem,
  generateKey,
  issueCertificate,
  type KeyType,
  parseCertificates,
  parsePkcs12,
  type PrivateKey,
} from "../../src/x509/mod.ts";
import { ber } from "./_ber.ts";

const TYPES: readonly KeyType[] = ["rsa", "p256", "p384", "p521", "ed25519"];
const FAST = { iterations: 1000 };

interface Identity {
  readonly key: PrivateKey;
  readonly certificates: readonly Certificate[];
}

const root = await createCertificateAuthority({ subject: "CN=Root", keyType: "p256" });
const issuer = await createCertificateAuthority({ subject: "CN=Issuer", keyType: "p256", issuer: root });

async function identity(type: KeyType): Promise<Identity> {
  const key = type === "rsa" ? rsa2048 : await generateKey(type);
  const request = createCertificateRequest(key, { subject: `CN=${type}` });
  const leaf = issueCertificate(issuer, request, { names: ["server.example"] });
  return { key, certificates: [leaf, issuer.certificate] };
}

test("pkcs12: keys of every type with their chains, there and back", async () => {
  const keys = [];
  for (const type of TYPES) keys.push({ ...await identity(type), friendlyName: `${type} \u{1f511} ключ` });
  for (const options of [FAST, { ...FAST, legacy: true }]) {
    const file = createPkcs12({ keys }, "pässwörd", options);
    assert.deepEqual(parsePkcs12(file, "pässwörd"), { keys, certificates: [] });
    assert.deepEqual(parsePkcs12(file, toUtf8("pässwörd")), { keys, certificates: [] });
    await channelError(() => parsePkcs12(file), "passphrase");
    await channelError(() => parsePkcs12(file, "passwörd"), "passphrase");
    await channelError(() => parsePkcs12(file, ""), "passphrase");
  }
  const trusted = [{ certificate: root.certificate, friendlyName: "root" }, {
    certificate: issuer.certificate,
    friendlyName: undefined,
  }];
  const store = createPkcs12({ certificates: trusted }, "", FAST);
  assert.deepEqual(parsePkcs12(store), { keys: [], certificates: trusted });
  assert.deepEqual(parsePkcs12(store, ""), { keys: [], certificates: trusted });
});

test("pkcs12: OpenSSL reads what is written here", { needs: ["openssl"] }, async () => {
  using openssl = new OpenSsl();
  for (const type of TYPES) {
    const { key, certificates } = await identity(type);
    for (const [legacy, flags] of [[false, ""], [true, "-legacy "]] as const) {
      const contents = { keys: [{ key, certificates, friendlyName: "mine" }] };
      openssl.write("file.p12", createPkcs12(contents, "secret", { ...FAST, legacy }));
      const text = openssl.run(`pkcs12 ${flags}-in file.p12 -passin pass:secret -nodes`);
      assert.match(text, /friendlyName: mine/);
      assert.deepEqual(parseCertificates(text).map(({ pem }) => pem), certificates.map(({ pem }) => pem));
      openssl.write("key.pem", text);
      openssl.run("pkey -in key.pem -pubout -out public.pem");
      assert.equal(openssl.text("public.pem"), exportPublicKeyPem(key));
      assert.match(
        openssl.try(`pkcs12 ${flags}-in file.p12 -passin pass:wrong -nodes`).output,
        /invalid password/,
      );
    }
  }
});

test("pkcs12: what OpenSSL writes is read here", { needs: ["openssl"] }, async () => {
  using openssl = new OpenSsl();
  for (const type of TYPES) {
    const { key, certificates } = await identity(type);
    openssl.write("key.pem", exportPrivateKey(key));
    openssl.write("chain.pem", certificates.map(({ pem }) => pem).join(""));
    const commands = [
      "",
      "-keypbe AES-128-CBC -certpbe NONE",
      "-keypbe NONE -certpbe NONE",
      "-keypbe NONE -certpbe NONE -nomac",
      "-macalg sha1 -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES",
      "-legacy", // RC2-40 for certificates
      "-legacy -keypbe PBE-SHA1-RC2-128 -certpbe PBE-SHA1-2DES",
      "-macalg sha512 -iter 3000 -maciter",
    ];
    // Each format with an RSA key, and one or two formats with each other type of key.
    for (
      const command of commands.filter((_, i) => type === "rsa" || i % TYPES.length === TYPES.indexOf(type))
    ) {
      const words =
        `pkcs12 -export -inkey key.pem -in chain.pem -name mine -passout pass:sëcret -out file.p12 ${command}`;
      openssl.run(words.trim());
      const { keys, certificates: others } = parsePkcs12(openssl.read("file.p12"), "sëcret");
      assert.equal(others.length, 0);
      assert.equal(keys.length, 1);
      assert.deepEqual(keys[0].key, key, command);
      assert.equal(keys[0].friendlyName, "mine");
      assert.deepEqual(keys[0].certificates.map(({ pem }) => pem), certificates.map(({ pem }) => pem));
      if (!command.includes("nomac")) {
        await channelError(() => parsePkcs12(openssl.read("file.p12"), "secret"), "passphrase");
      }
    }
    openssl.run("pkcs12 -export -inkey key.pem -in chain.pem -passout pass: -out file.p12");
    assert.deepEqual(parsePkcs12(openssl.read("file.p12")).keys[0].key, key, "an empty password");
    assert.deepEqual(parsePkcs12(openssl.read("file.p12"), "").keys[0].key, key);
  }
  openssl.run(
    "pkcs12 -export -inkey key.pem -in chain.pem -passout pass:x -keypbe PBE-SHA1-RC4-128 -legacy -out file.p12",
  );
  const { message } = await channelError(() => parsePkcs12(openssl.read("file.p12"), "x"), "unsupported");
  assert.match(message, /128-bit RC4 of PKCS#12/);
});

test(
  "pkcs12: GnuTLS reads what is written here, and the other way round",
  { needs: ["certtool"], on: ["node"] }, // the formats are the same everywhere, and 600,000 iterations slow
  async () => {
    using files = new Files();
    for (const type of TYPES) {
      const { key, certificates } = await identity(type);
      for (const legacy of [false, true]) {
        const file = createPkcs12({ keys: [{ key, certificates }] }, "secret", { ...FAST, legacy });
        const path = files.write("file.p12", file);
        const output = run("certtool", "--p12-info", "--inder", "--password", "secret", "--infile", path);
        assert.equal(output.match(/BEGIN CERTIFICATE/g)?.length, 2, type);
        assert.match(output, /BEGIN (?:ENCRYPTED )?(?:EC |RSA )?PRIVATE KEY/);
      }
    }
    const { key, certificates } = await identity("p384");
    const theirs = files.write("theirs.p12", "");
    run("certtool", "--to-p12", ...[
      ...["--load-privkey", files.write("key.pem", exportPrivateKey(key))],
      ...["--load-certificate", files.write("chain.pem", certificates.map(({ pem }) => pem).join(""))],
      ...["--pkcs-cipher", "aes-256", "--p12-name", "mine", "--password", "secret", "--outder"],
      ...["--outfile", theirs],
    ]);
    const { keys } = parsePkcs12(files.read("theirs.p12"), "secret"); // 600,000 iterations, three times
    assert.deepEqual(keys[0].key, key);
    assert.equal(keys[0].certificates.length, 2);
  },
);

test("pkcs12: keytool reads what is written here, and the other way round", {
  needs: ["keytool"],
  on: ["node"], // it starts Java seven times
}, async () => {
  using files = new Files();
  const quick = ["-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"];
  const tool = (...args: string[]) => run("keytool", "-J-Duser.language=en", ...quick, ...args);
  const identities = await Promise.all(TYPES.map(identity));
  const keys = identities.map((one, index) => ({ ...one, friendlyName: TYPES[index] }));
  for (const legacy of [false, true]) {
    const path = files.write("file.p12", createPkcs12({ keys }, "secret", { ...FAST, legacy }));
    const output = tool("-list", "-v", "-storetype", "PKCS12", "-storepass", "secret", "-keystore", path);
    const found = output.matchAll(
      /Alias name: (\w+)\n[^]*?Entry type: PrivateKeyEntry\nCertificate chain length: 2\n/g,
    );
    assert.deepEqual(Array.from(found, ([, name]) => name).sort(), [...TYPES].sort());
  }
  const trusted = [{ certificate: root.certificate, friendlyName: "root" }];
  const trustStore = files.write("trust.p12", createPkcs12({ certificates: trusted }, "secret", FAST));
  assert.match(tool("-list", "-storepass", "secret", "-keystore", trustStore), /root, .*, trustedCertEntry/);
  const path = `${files.path}/theirs.p12`;
  const common = ["-storepass", "secret", "-keystore", path];
  const algorithms = { rsa: "RSA -keysize 2048", ec: "EC -groupname secp384r1", ed25519: "Ed25519" };
  for (const [type, algorithm] of Object.entries(algorithms)) {
    const words = `-genkeypair -keyalg ${algorithm} -alias ${type} -dname CN=${type}`.split(" ");
    tool(...words, ...common);
  }
  const rootPath = files.write("root.pem", root.certificate.pem);
  tool("-importcert", "-noprompt", "-alias", "ca", "-file", rootPath, ...common);
  const found = parsePkcs12(files.read("theirs.p12"), "secret");
  assert.deepEqual(found.keys.map(({ friendlyName }) => friendlyName).sort(), ["ec", "ed25519", "rsa"]);
  for (const { key, certificates, friendlyName } of found.keys) {
    assert.deepEqual([key.type, certificates.length], [friendlyName, 1]);
  }
  assert.deepEqual(found.certificates.map(({ friendlyName }) => friendlyName), ["ca"]);
});

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

/** Returns a PKCS#12 file with one unencrypted certificate and this MacData. */
function fileWithMac(makeMac: (content: Uint8Array) => Uint8Array): Uint8Array {
  const certBag = der.sequence(
    der.oid("1.2.840.113549.1.9.22.1"),
    der.explicit(0, der.octetString(root.certificate.der)),
  );
  const contents = der.sequence(
    der.sequence(der.oid("1.2.840.113549.1.12.10.1.3"), der.explicit(0, certBag)),
  );
  const data = (bytes: Uint8Array) =>
    der.sequence(der.oid("1.2.840.113549.1.7.1"), der.explicit(0, der.octetString(bytes)));
  const content = der.sequence(data(contents));
  return der.sequence(der.integer(3), data(content), makeMac(content));
}

interface Pbmac1 {
  readonly prf?: string;
  readonly length?: number;
  readonly iterations?: number;
  readonly hash?: string;
}

function pbmac1(
  { prf = "1.2.840.113549.2.9", length, iterations = 2048, hash = "1.2.840.113549.2.9" }: Pbmac1,
) {
  const names: Record<string, string> = { "1.2.840.113549.2.9": "sha256", "1.2.840.113549.2.11": "sha512" };
  const salt = toUtf8("saltsalt");
  return (content: Uint8Array) => {
    const key = pbkdf2Sync(
      "pässword",
      salt,
      Math.min(iterations, 5000),
      length ?? 32,
      names[prf] ?? "sha256",
    );
    const digest = new Uint8Array(createHmac(names[hash] ?? "sha256", key).update(content).digest());
    const derivation = der.sequence(
      der.oid("1.2.840.113549.1.5.12"),
      der.sequence(
        der.octetString(salt),
        der.integer(iterations),
        ...(length === undefined ? [] : [der.integer(length)]),
        der.sequence(der.oid(prf), der.nul()),
      ),
    );
    const parameters = der.sequence(derivation, der.sequence(der.oid(hash), der.nul()));
    return der.sequence(
      der.sequence(der.sequence(der.oid("1.2.840.113549.1.5.14"), parameters), der.octetString(digest)),
      der.octetString(toUtf8("NOT USED")),
      der.integer(1),
    );
  };
}

test("pkcs12: PBMAC1 (RFC 9579), made by the runtime's own functions", { needs: ["node:"] }, async () => {
  const right: readonly Pbmac1[] = [
    { length: 32 },
    { length: 64, hash: "1.2.840.113549.2.11" },
    { length: 64, prf: "1.2.840.113549.2.11", hash: "1.2.840.113549.2.11" },
    { length: 20 },
  ];
  for (const parameters of right) {
    const file = fileWithMac(pbmac1(parameters));
    assert.equal(parsePkcs12(file, "pässword").certificates[0].certificate.pem, root.certificate.pem);
    await channelError(() => parsePkcs12(file, "password"), "passphrase");
    await channelError(() => parsePkcs12(file), "passphrase");
  }
  await channelError(() => parsePkcs12(fileWithMac(pbmac1({})), "pässword"), "malformed"); // no length of the key
  await channelError(() => parsePkcs12(fileWithMac(pbmac1({ length: 65 })), "pässword"), "malformed");
  await channelError(
    () => parsePkcs12(fileWithMac(pbmac1({ length: 32, iterations: 2_000_001 })), "x"),
    "limit",
  );
  await channelError(
    () => parsePkcs12(fileWithMac(pbmac1({ length: 32, hash: "1.2.3" })), "x"),
    "unsupported",
  );
});

test("pkcs12: the work that a file can cause is bounded", async () => {
  const mac = (iterations: number) => () =>
    der.sequence(
      der.sequence(der.sequence(der.oid("1.3.14.3.2.26"), der.nul()), der.octetString(new Uint8Array(20))),
      der.octetString(new Uint8Array(8)),
      der.integer(iterations),
    );
  await channelError(() => parsePkcs12(fileWithMac(mac(2_000_001)), "x"), "limit");
  await channelError(() => parsePkcs12(fileWithMac(mac(0)), "x"), "malformed");
  const shrouded = der.sequence(
    der.sequence(
      der.oid("1.2.840.113549.1.12.1.3"),
      der.sequence(der.octetString(new Uint8Array(8)), der.integer(2_000_001)),
    ),
    der.octetString(new Uint8Array(8)),
  );
  const bag = der.sequence(der.oid("1.2.840.113549.1.12.10.1.2"), der.explicit(0, shrouded));
  const data = (bytes: Uint8Array) =>
    der.sequence(der.oid("1.2.840.113549.1.7.1"), der.explicit(0, der.octetString(bytes)));
  const file = der.sequence(der.integer(3), data(der.sequence(data(der.sequence(bag)))));
  await channelError(() => parsePkcs12(file), "limit");
});

/** Returns a file in BER, and a file without a MAC whose parts are also in BER. */
function berFiles(file: Uint8Array): [Uint8Array, Uint8Array] {
  const data = (bytes: Uint8Array) =>
    der.sequence(der.oid("1.2.840.113549.1.7.1"), der.explicit(0, der.octetString(bytes)));
  const parts = readDer(file, "the test", (reader) =>
    reader.within((pfx) => {
      pfx.any();
      const { contents } = pfx.any();
      pfx.any();
      return readDer(contents, "the test", (info) =>
        info.oid() && info.explicit(0, (one) =>
          one.octetString()));
    }));
  return [ber(file), ber(der.sequence(der.integer(3), data(ber(parts as Uint8Array))))];
}

test("pkcs12: files in BER, with indefinite lengths and strings in pieces", async () => {
  const { key, certificates } = await identity("p256");
  const contents = { keys: [{ key, certificates, friendlyName: "mine" }], certificates: [] };
  const [file, inside] = berFiles(createPkcs12({ keys: contents.keys }, "secret", FAST));
  assert.deepEqual(parsePkcs12(file, "secret"), contents);
  assert.deepEqual(parsePkcs12(inside, "secret"), contents);
  await channelError(() => parsePkcs12(file, "wrong"), "passphrase");
  for (let i = 0; i < file.length; i += 3) {
    await channelError(() => parsePkcs12(file.subarray(0, i), "secret"), "malformed");
  }
  await channelError(() => parsePkcs12(concat(file, new Uint8Array(1)), "secret"), "malformed");
  // A primitive encoding must have a definite length, and segments must not have segments.
  for (const hex of ["308004800000", "30802480020100000000", "3080", "30800000", "3085000000000100"]) {
    await channelError(() => parsePkcs12(fromHex(hex), "secret"), "malformed");
  }
  await channelError(() => parsePkcs12(new Uint8Array(5000).map((_, i) => i % 2 ? 0x80 : 0x30)), "limit");
});

test("pkcs12: OpenSSL reads the same file in BER", { needs: ["openssl"], on: ["node"] }, async () => {
  using openssl = new OpenSsl();
  const { key, certificates } = await identity("p256");
  const [file, inside] = berFiles(createPkcs12({ keys: [{ key, certificates }] }, "secret", FAST));
  openssl.write("file.p12", file);
  openssl.write("inside.p12", inside);
  for (const words of ["-in file.p12", "-in inside.p12 -nomacver"]) {
    const text = openssl.run(`pkcs12 ${words} -passin pass:secret -nodes`);
    assert.equal(parseCertificates(text).length, 2, words);
  }
});

test("pkcs12: damaged files give typed errors, never another key", async () => {
  const { key, certificates } = await identity("p256");
  const file = createPkcs12({ keys: [{ key, certificates }] }, "secret", { iterations: 1 });
  for (let i = 0; i < file.length; i++) {
    const damaged = file.slice();
    damaged[i] ^= 1 << i % 8;
    try {
      const { keys } = parsePkcs12(damaged, "secret");
      assert.deepEqual(keys[0].key, key, `byte ${i}`); // such as the OID of the encrypted content's type, which says nothing
    } catch (error) {
      assert.ok(error instanceof ChannelError, `byte ${i}: ${error}`);
    }
    await channelError(() => parsePkcs12(file.subarray(0, i), "secret"), "malformed");
  }
});

test("pkcs12: wrong arguments", async () => {
  const { key, certificates } = await identity("p256");
  const contents = { keys: [{ key, certificates }] };
  assert.throws(() => createPkcs12({}, "x"), TypeError);
  assert.throws(() => createPkcs12(contents, undefined as unknown as string), TypeError);
  for (const iterations of [0, 1.5, NaN, 2_000_001]) {
    assert.throws(() => createPkcs12(contents, "x", { iterations }), RangeError);
  }
});

test("pkcs12: the derivation as OpenSSL computes it, and RC2 by RFC 2268 section 5", () => {
  // OpenSSL's test of PKCS12_key_gen: the passphrase "smeg".
  const derive = (
    purpose: (typeof PKCS12_PURPOSE)[keyof typeof PKCS12_PURPOSE],
    salt: string,
    iterations: number,
    length: number,
  ) => toHex(pkcs12Kdf("SHA-1", bmpPassphrase("smeg"), fromHex(salt), iterations, purpose, length));
  assert.equal(
    derive(PKCS12_PURPOSE.key, "0a58cf64530d823f", 1, 24),
    "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3",
  );
  assert.equal(derive(PKCS12_PURPOSE.iv, "0a58cf64530d823f", 1, 8), "79993dfe048d3b76");
  assert.equal(
    derive(PKCS12_PURPOSE.mac, "3d83c0e4546ac140", 1, 20),
    "8d967d88f6caa9d714800ab3d48051d63f73a312",
  );
  const vectors: readonly (readonly [key: string, bits: number, plain: string, cipher: string])[] = [
    ["0000000000000000", 63, "0000000000000000", "ebb773f993278eff"],
    ["ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"],
    ["3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"],
    ["88", 64, "0000000000000000", "61a8a244adacccf0"],
    ["88bca90e90875a", 64, "0000000000000000", "6ccf4308974c267f"],
    ["88bca90e90875a7f0f79c384627bafb2", 64, "0000000000000000", "1a807d272bbe5db1"],
    ["88bca90e90875a7f0f79c384627bafb2", 128, "0000000000000000", "2269552ab0f85ca6"],
  ];
  for (const [key, bits, plain, cipher] of vectors) {
    assert.equal(toHex(new Rc2(fromHex(key), bits).decryptCbc(new Uint8Array(8), fromHex(cipher))), plain);
  }
});
