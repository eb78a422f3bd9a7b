import { INSECURE_HOST } from "../../tools/browsers.ts";
import { assert, test } from "../_kit/mod.ts";
import { PuppeteerPage, shown } from "./_browser_page.ts";
import { Demo } from "./_demo.ts";
import { Person } from "./_person.ts";

const OPTIONS = { on: ["node"], needs: ["processes", "chromium"] } as const;

test("page: all of it by keyboard, on a host that is no secure context", OPTIONS, () => onPage(byKeyboard));
test("page: a file is dropped; on a phone nothing is too wide, or too faint", OPTIONS, () => onPage(onPhone));
test("page: a refusal is shown with its code, and with what was wrong", OPTIONS, () => onPage(refusals));
test("page: shows that the server has ended, and that none listens", OPTIONS, async () => {
  await using demo = await Demo.start();
  await onPage((person) => serverGone(person, demo), demo);
});

/** Opens the page in Chromium from a host that is not a secure context. */
async function onPage(
  work: (person: Person, browser: PuppeteerPage) => Promise<void>,
  ownDemo?: Demo,
): Promise<void> {
  const { url } = ownDemo ?? await Demo.shared();
  await using browser = await PuppeteerPage.launch("chromium");
  const person = new Person(browser);
  await person.open(url.replace("127.0.0.1", INSECURE_HOST));
  await work(person, browser);
  assert.deepEqual(await person.violations(), []);
}

async function byKeyboard(person: Person, { page, complaints }: PuppeteerPage): Promise<void> {
  assert.equal(await page.evaluate("isSecureContext || crypto.subtle !== undefined"), false);
  const focused = () =>
    page.evaluate(`document.activeElement.id || document.activeElement.textContent.trim()`);
  const tabTo = async (name: string) => {
    for (let i = 0; await focused() !== name; i++) {
      if (i === 40) assert.fail(`Tab does not lead to ${name}`);
      await page.keyboard.press("Tab");
    }
  };
  await tabTo("JSR"); // the last link to the project
  await page.keyboard.press("Tab"); // to the settings
  for (const _ of ["key", "native"]) await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(`document.querySelector("[name=setting]:checked").value`), "native");
  await tabTo("connect-button");
  await page.keyboard.press("Enter");
  await person.until(`document.querySelector("#status").dataset.state === "connected"`);
  assert.equal(await person.text("#connect-button"), "Reconnect");

  await tabTo("Preface");
  await page.keyboard.press("Enter");
  await shown(person.page, ".step .dump", /^0000 46 45 53 41/);
  await tabTo("message");
  await page.keyboard.type("by hand");
  await page.keyboard.press("Enter");
  await person.until(`document.querySelector(".exchange .plain .text")?.textContent === "by hand"`);
  await shown(person.page, "#messages-status", /^Sent 7 bytes, 30 bytes on the wire/);
  await tabTo("file");

  await tabTo("connect-both");
  await page.keyboard.press("Enter");
  await person.until(`document.querySelector("#connect-both-status").textContent === "Connected in both."`);
  const differences = await person.differences();
  assert.deepEqual(differences["Key exchange"], ["RSA", "ECDHE: X25519MLKEM768"]);
  assert.deepEqual(differences["Forward secrecy"], ["none", "yes"]);
  assert.deepEqual(differences["Round trips before the first message"], ["2", "1"]);
  assert.deepEqual(differences["Certificate or key on the wire"], ["readable by anyone", "encrypted"]);

  await tabTo("compare");
  await page.keyboard.press("Space");
  const traffic = await person.traffic();
  const [native, off] = await page.evaluate(
    `["native", "off"].map((id) => document.querySelector("[data-setting=" + id + "] rect").width.baseVal.value)`,
  ) as number[];
  assert.equal((native / off).toFixed(2), (traffic.native / traffic.off).toFixed(2), "on one scale");

  await tabTo("disconnect");
  await page.keyboard.press("Enter");
  await person.until(`document.querySelector("#status").textContent === "Closed in order."`);
  assert.equal(await focused(), "connect-button");
  assert.equal(await person.text("#connect-button"), "Connect");
  assert.deepEqual(complaints, []);
}

async function onPhone(person: Person, { page, complaints }: PuppeteerPage): Promise<void> {
  await page.setViewport({ width: 360, height: 740 });
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: scheme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    for (
      const [setting, knowledge] of [["certificate", "name"], ["off", "right"], ["certificate", "right"]]
    ) {
      await person.connect(setting, knowledge);
      await person.until(`!document.querySelector("#options").open`);
      await person.until(RESULT_IN_VIEW);
      if (knowledge !== "right") continue;
      await person.say(
        "A message that is long enough to need more than one line where the screen is narrow.",
      );
      await page.mouse.move(1, 1); // what is under it may look otherwise
      await page.evaluate(DROP);
      await person.until(`document.querySelector(".file .note.passed") !== null`);
      await page.evaluate(
        `document.querySelectorAll("details").forEach((details) => details.open = true)`,
      );
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 360, setting);
      assert.deepEqual(await page.evaluate(FAINT_TEXT), [], `${scheme}, ${setting}`);
    }
  }
  assert.deepEqual(complaints, []);
}

async function refusals(person: Person, browser: PuppeteerPage): Promise<void> {
  for (
    const [setting, knowledge, code, wrong, exchange] of [
      ["certificate", "roots", "certificate / no_path", "Chain, failed"],
      [
        "certificate",
        "name",
        "certificate / name_mismatch",
        "Name, failed It is for app.example, and bank.example",
      ],
      ["key", "pin", "untrusted", "Pin, failed"],
      ["certificate", "roots", "certificate / no_path", "Chain, failed", "rsa-2048-aes"],
      ["key", "pin", "untrusted", "Pin, failed", "rsa-1024-3des"],
      ["native", "key", "decrypt", "Possession, failed"],
    ]
  ) {
    assert.equal(await person.connect(setting, knowledge, exchange), "Not connected.");
    assert.ok(
      (await person.text("#refusal")).startsWith(`Refused: ${code}`),
      await person.text("#refusal"),
    );
    const shown = await person.text("#identity");
    assert.ok(shown.includes("refused") && shown.includes(wrong), shown);
    assert.match((await person.steps()).at(-1)!.name, /^(Alert: |Answer: refused)/);
    assert.equal(await browser.evaluate(`document.querySelector("#message").matches(":disabled")`), true);
  }
}

async function serverGone(person: Person, demo: Demo): Promise<void> {
  assert.equal(await person.connect("key", "anyone"), "Connected: key. The server is not authenticated.");
  assert.match(await person.text("#identity"), /not verified.*Pin, not checked/);
  assert.equal(await demo.end(), 0);
  await person.until(`document.querySelector("#status").textContent === "The server closed in order."`);

  assert.equal(await person.connect("certificate"), "Not connected.");
  assert.match(await person.text("#refusal"), /^Failed: transport The server does not answer, or is gone/);
  assert.match(await person.text("#handshake"), /Connect, and every message/);
}

const RESULT_IN_VIEW = `(({ top, bottom }) => 0 <= top && bottom <= innerHeight)(
  document.querySelector("#status").getBoundingClientRect()
)`;

const DROP = `{
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["dropped"], "a-long-name-of-a-file-that-a-phone-has-to-break.txt"));
  document.querySelector("#drop").dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
}`;

/** Returns text with a contrast below 4.5 to 1 (WCAG 2.2, success criterion 1.4.3). Disabled elements do not count. */
const FAINT_TEXT = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).slice(0, 3).map((value) =>
      value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 0 && element.parentElement ? behind(element.parentElement) : color;
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement;
    if (node.textContent.trim() === "" || element.matches(":disabled, :disabled *") || !element.checkVisibility()) continue;
    const [one, other] = [getComputedStyle(element).color, behind(element)].map(luminance).sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) faint.push(ratio.toFixed(2) + " " + node.textContent.trim());
  }
  return faint;
})()`;
