/**
 * Lists the tests of files without running them, in whichever runtime runs this: `list_tests.ts OUTPUT FILE…`.
 * tools/test.ts starts it with FESA_LIST set; the output is JSON, one `FileListing` for each file.
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { listed } from "../../tests/_kit/mod.ts";
import type { FileListing } from "./account.ts";

const [output, ...files] = process.argv.slice(2);
const listings: FileListing[] = [];
for (const file of files) {
  const before = listed.length;
  let error: string | undefined;
  try {
    await import(pathToFileURL(file).href);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.stack ?? String(thrown) : String(thrown);
  }
  listings.push({ file, tests: listed.slice(before), ...(error !== undefined && { error }) });
}
writeFileSync(output, JSON.stringify(listings));
process.exit(0); // a test file may have opened something while it was loaded, which must not delay the end
