import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClientSettings } from "../../examples/web/client_settings.ts";
import { assert, test } from "../_kit/mod.ts";
import { type BrowserName, openPage, PuppeteerPage } from "./_browser_page.ts";
import { Demo } from "./_demo.ts";
import { Person, type ShownStep } from "./_person.ts";

const NEEDS = { chromium: "chromium", firefox: "firefox-esr", webkit: "WebKitWebDriver" } as const;

for (const browser of ["chromium", "firefox", "webkit"] as const) {
  test(
    `page: ${browser} shows every setting's handshake, server, messages, files and traffic`,
    { on: ["node"], needs: ["processes", NEEDS[browser]] },
    () => everySetting(browser),
  );
}

const TLS13_STEPS = [
  "→ ClientHello",
  "← ServerHello",
  "← ChangeCipherSpec",
  "← EncryptedExtensions",
  "← Certificate",
  "← CertificateVerify",
  "← Finished",
  "→ ChangeCipherSpec",
  "→ Finished",
];

/** The text contains data that only the key log makes readable. */
const TLS13_NOTES =
  /X25519MLKEM768 and x25519.*Chosen: TLS_\w+ and X25519MLKEM768.*messages as fesa\/1.*signature \(rsa_pss_rsae_sha256\)/;

const TLS12_STEPS = [
  "→ ClientHello",
  "← ServerHello",
  "← Certificate",
  "← ServerHelloDone",
  "→ ClientKeyExchange",
  "→ ChangeCipherSpec",
  "→ Finished",
  "← ChangeCipherSpec",
  "← Finished",
];

const PINNED = ["verified", "Pin, passed", "Possession, passed"];

function tls13(suite: string): RegExp {
  return new RegExp(
    `TLS 1\\.3.*X25519MLKEM768.*rsa_pss_rsae_sha256.*${suite} \\(256 bits\\).*none.*authenticated$`,
  );
}

function tls12(suite: string, bits: number): RegExp {
  return new RegExp(`^Protocol TLS 1\\.2 Cipher ${suite} \\(${bits} bits\\).*none.*authenticated$`);
}

/**
 * The expected text for each setting: the handshake, the negotiated values, the server, and the wire bytes of a text file.
 */
const EXPECTED: readonly {
  readonly setting: string;
  readonly exchange?: string;
  readonly steps: readonly string[];
  readonly notes?: RegExp;
  readonly agreed: RegExp;
  readonly server: (known: ClientSettings) => readonly (string | RegExp)[];
  readonly readable?: true;
}[] = [
  {
    setting: "certificate",
    steps: TLS13_STEPS,
    notes: TLS13_NOTES,
    agreed: tls13("TLS_AES_256_GCM_SHA384"),
    server: ({ serverName, pin }) => [
      `${serverName} verified`,
      "Chain, passed Each is signed by the next: app.example → Example Issuer → Example Root.",
      "Name, passed It is for app.example, as asked.",
      /Validity, passed Until \d+ \w+ \d{4}\./,
      "Strength, passed RSA, 2048 bits",
      "Possession, passed",
      "Forward secrecy, passed",
      "Revocation, not checked",
      "Subject CN=app.example,O=Example Issuer CN=Example Issuer,O=Example",
      /Fingerprint [0-9a-f]{64}/,
      `Pin ${pin}`,
    ],
  },
  {
    setting: "certificate",
    exchange: "rsa-2048-aes",
    steps: TLS12_STEPS,
    agreed: tls12("TLS_RSA_WITH_AES_256_GCM_SHA384", 256),
    server: ({ serverName, pin }) => [
      `${serverName} verified`,
      "Chain, passed Each is signed by the next: app.example → Example Issuer → Example Root.",
      "Strength, passed RSA, 2048 bits",
      "Forward secrecy, not checked None: anyone",
      `Pin ${pin}`,
    ],
  },
  {
    setting: "key",
    steps: TLS13_STEPS,
    notes: TLS13_NOTES,
    agreed: tls13("TLS_AES_256_GCM_SHA384"),
    server: ({ pin }) => [...PINNED, "Forward secrecy, passed", "RSA, 2048 bits", `Pin ${pin}`],
  },
  {
    setting: "key",
    exchange: "ecdhe-chacha20",
    steps: TLS13_STEPS,
    notes: TLS13_NOTES,
    agreed: tls13("TLS_CHACHA20_POLY1305_SHA256"),
    server: ({ pin }) => [...PINNED, "Forward secrecy, passed", "RSA, 2048 bits", `Pin ${pin}`],
  },
  {
    setting: "key",
    exchange: "rsa-2048-3des",
    steps: TLS12_STEPS,
    agreed: tls12("TLS_RSA_WITH_3DES_EDE_CBC_SHA", 192),
    server: ({ pin }) => [...PINNED, "Forward secrecy, not checked", "RSA, 2048 bits", `Pin ${pin}`],
  },
  {
    setting: "key",
    exchange: "rsa-1024-aes",
    steps: TLS12_STEPS,
    agreed: tls12("TLS_RSA_WITH_AES_256_GCM_SHA384", 256),
    server: ({ weakPin }) => [
      ...PINNED,
      "Forward secrecy, not checked",
      "RSA, 1024 bits",
      `Pin ${weakPin}`,
    ],
  },
  {
    setting: "native",
    steps: ["→ Preface", "→ Noise message 1: e, es", "← Answer", "← Noise message 2: e, ee"],
    agreed: /Noise_NK_25519_ChaChaPoly_SHA256.*ChaChaPoly \(256 bits\).*each message.*authenticated$/,
    server: ({ nativeKey }) => ["verified", "Possession, passed", "Forward secrecy, passed", nativeKey],
  },
  {
    setting: "off",
    steps: ["→ Preface", "← Answer", "← Compression"],
    agreed: /none.*none.*none.*not authenticated$/,
    server: () => ["Unknown server not verified", "Identity, not checked", "Secrecy, not checked"],
    readable: true,
  },
];

async function everySetting(browser: BrowserName): Promise<void> {
  const { url } = await Demo.shared();
  await using page = await openPage(browser);
  await using file = await TextFile.make();
  const known = await (await fetch(`${url}settings.json`)).json() as ClientSettings;
  const person = new Person(page);
  await person.open(url);

  for (
    const { setting, exchange, steps, notes = /./, agreed, server, readable = false } of EXPECTED
  ) {
    const told = await person.connect(setting, "right", exchange);
    assert.match(told, /^Connected/, `${setting}: ${await person.text("#refusal")}`);
    checkSteps(await person.steps(), steps, await person.text("#handshake-total"));
    assert.match(await person.text("#steps"), notes);
    assert.match(await person.text("#agreed"), agreed);
    const shown = await person.text("#identity");
    for (const part of server(known)) {
      assert.ok(
        typeof part === "string" ? shown.includes(part) : part.test(shown),
        `${part} is not in: ${shown}`,
      );
    }
    await checkMessages(person, readable);
    const delivered = await person.sendFile(file.path);
    assert.ok(delivered.includes(`${file.sha256}, the same at both ends.`), delivered);
  }
  await checkComparisons(person);
  assert.deepEqual(await person.violations(), []);
  if (page instanceof PuppeteerPage) assert.deepEqual(page.complaints, []);
}

/** Checks the order of the names, that times do not decrease, and that the sizes add up to the total. */
function checkSteps(shown: readonly ShownStep[], expected: readonly string[], total: string): void {
  const arrows: Readonly<Record<string, string>> = { "client to server": "→", "server to client": "←" };
  assert.deepEqual(shown.map(({ way, name }) => `${arrows[way]} ${name}`), expected);
  shown.forEach(({ milliseconds }, i) => assert.ok(i === 0 || milliseconds >= shown[i - 1].milliseconds));
  const sum = shown.reduce((bytes, step) => bytes + step.bytes, 0);
  assert.ok(total.startsWith(`${sum.toLocaleString("en")} bytes in `), `${sum}: ${total}`);
}

async function checkMessages(person: Person, readable: boolean): Promise<void> {
  const said = "Meet me at the harbour at nine.";
  const messages = await person.say(said);
  assert.equal(messages.length, 2);
  for (const { plain, badge, text, hex } of messages) {
    assert.equal(plain, said);
    assert.equal(badge, readable ? "anyone can read it" : "unreadable");
    assert.equal(text.includes(said), readable);
    assert.equal(hex.includes(Buffer.from(said).toString("hex")), readable);
    assert.ok(hex.length / 2 >= said.length && hex.length / 2 === text.length, hex);
  }
}

/** Checks the comparison of the last TLS 1.2 and 1.3 connections, and the sample, which only `native` compresses. */
async function checkComparisons(person: Person): Promise<void> {
  const differences = await person.differences();
  assert.deepEqual(differences["Cipher suite"], [
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
  ]);
  const [tls12, tls13] = differences["Encrypted part"].map((text) => parseInt(text.replace(",", "")));
  assert.ok(tls12 < 100, `${tls12} bytes: both Finished`);
  assert.ok(tls13 > 500, `${tls13} bytes: everything after ServerHello`);

  await person.page.click("#compare");
  const { native, ...others } = await person.traffic();
  assert.ok(native < 40, `${native} %`);
  assert.deepEqual(Object.keys(others), ["certificate", "key", "off"]);
  for (const percent of Object.values(others)) assert.ok(percent >= 100 && percent < 102, `${percent} %`);
}

/** A file that compression makes smaller. */
class TextFile implements AsyncDisposable {
  readonly #folder: string;
  readonly path: string;
  readonly sha256: string;

  private constructor(folder: string, path: string, sha256: string) {
    this.#folder = folder;
    this.path = path;
    this.sha256 = sha256;
  }

  static async make(): Promise<TextFile> {
    const folder = await mkdtemp(join(tmpdir(), "fesa-page-"));
    const path = join(folder, "words.txt");
    const contents = `${randomBytes(1000).toString("hex")}\n`.repeat(100);
    await writeFile(path, contents);
    return new TextFile(folder, path, createHash("sha256").update(contents).digest("hex"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}
