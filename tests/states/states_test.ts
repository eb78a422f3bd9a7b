import { readFileSync } from "node:fs";
import { assert, test } from "../_kit/mod.ts";
import { documentOf, machines } from "./_document.ts";
import { measure } from "./_machine.ts";

// The logic of the protocols is the same on every runtime, and its cryptography is tested on each.
test("states: every message in every state of every side, as its specification says, and as docs/ shows it", {
  on: ["node"],
}, async () => {
  const tables = [];
  for (const machine of await machines()) {
    const answers = await measure(machine);
    const { title, states, inputs, allowed } = machine;
    for (const [i, row] of answers.entries()) {
      for (const [j, answer] of row.entries()) {
        const where = `${title}: ${inputs[i]} while it waits for ${states[j]} is answered by ${answer}`;
        assert.ok(allowed(j, i).includes(answer), where);
      }
    }
    tables.push({ machine, answers });
  }
  const file = new URL("../../docs/state-machines.md", import.meta.url);
  // The comparison ignores the width of the columns, which the formatter changes.
  const narrow = (text: string): string => text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---").trim();
  const same = narrow(documentOf(tables)) === narrow(readFileSync(file, "utf8"));
  assert.ok(same, "docs/state-machines.md is not what is measured: npm run states writes it");
});
