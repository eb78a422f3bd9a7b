/** What the clients of the open-standard settings speak of. */

export type {
  Algorithm,
  OpenStandardClient,
  OpenStandardOptions,
  OwnKey,
  RekeyOptions,
} from "./settings/mod.ts";
