/** The options of every security setting for clients and servers. */

import type { CertificateClient, CertificateServer } from "./certificate/options.ts";
import type { KeyClient, KeyServer } from "./key/options.ts";
import type { NativeClient, NativeServer } from "./native/options.ts";
import type { OffSetting } from "./off.ts";

export type { RekeyOptions } from "../../tls/record/limits.ts";
export type { NativeClientIdentity } from "../../noise/client.ts";
export type { StaticKeyCheck } from "../../noise/profile.ts";
export type { ClientKeys, NativeServerIdentity } from "../../noise/server.ts";
export type {
  CertificateClient,
  CertificateServer,
  CertificateSource,
  ChainTrust,
  RevocationListSource,
} from "./certificate/options.ts";
export type { CompressionOptions } from "./compression.ts";
export type { KeyClient, KeyServer } from "./key/options.ts";
export type { CipherName } from "../../noise/protocol.ts";
export type { CryptoChoice } from "../../platform/choose.ts";
export type { NativeClient, NativeOptions, NativeServer } from "./native/options.ts";
export type { OffSetting } from "./off.ts";
export type * from "./tls/options.ts";

/** The one setting that a client requests. */
export type ConnectSecurity = CertificateClient | KeyClient | NativeClient | OffSetting;

/** One of the settings that a server offers. */
export type AcceptSecurity = CertificateServer | KeyServer | NativeServer | OffSetting;
