/** Writes docs/server.schema.json, by which editors complete and check the configuration of `fesa serve`. */

import { writeFileSync } from "node:fs";
import { serverConfigSchema } from "../src/cli/server_config.ts";

writeFileSync("docs/server.schema.json", `${JSON.stringify(serverConfigSchema(), null, 2)}\n`);
