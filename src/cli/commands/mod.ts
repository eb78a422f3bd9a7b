/** The commands, in the order in which the help lists them. */

import type { Command } from "../command.ts";
import { acme } from "./acme.ts";
import { ca } from "./ca.ts";
import { completion } from "./completion.ts";
import { connect } from "./connect.ts";
import { convert } from "./convert.ts";
import { csr } from "./csr.ts";
import { inspect } from "./inspect.ts";
import { keygen } from "./keygen.ts";
import { renew } from "./renew.ts";
import { revoke } from "./revoke.ts";
import { serve } from "./serve.ts";
import { sign } from "./sign.ts";
import { verify } from "./verify.ts";

export const COMMANDS: readonly Command[] = [
  keygen,
  ca,
  csr,
  sign,
  acme,
  renew,
  revoke,
  inspect,
  convert,
  verify,
  serve,
  connect,
  completion(() => COMMANDS),
];
