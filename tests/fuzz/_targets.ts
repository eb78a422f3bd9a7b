/** Everything that hostile bytes can reach. */
import { CONVERSATION_TARGETS } from "./_conversations.ts";
import { MESSAGE_TARGETS } from "./_messages.ts";
import type { FuzzTarget } from "./_target.ts";
import { TEXT_TARGETS } from "./_texts.ts";
import { TLS_TARGETS } from "./_tls.ts";
import { X509_TARGETS } from "./_x509.ts";

export { execute } from "./_target.ts";

export const TARGETS: readonly FuzzTarget[] = [
  ...X509_TARGETS,
  ...TLS_TARGETS,
  ...MESSAGE_TARGETS,
  ...TEXT_TARGETS,
  ...CONVERSATION_TARGETS,
];
