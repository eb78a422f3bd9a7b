/** Writes docs/server.schema.json, for editors to complete and check the configuration of `fesa serve`. */

import { writeFileSync } from "node:fs";
import { serverConfigSchema } from "../src/cli/server/schema.ts";

writeFileSync("docs/server.schema.json", `${JSON.stringify(serverConfigSchema(), null, 2)}\n`);
