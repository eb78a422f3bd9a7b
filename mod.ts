/**
 * A secure channel between a client and a server, over anything that carries bytes: the security settings
 * `certificate`, `key`, `native` and `off` of FESA's client-server model.
 *
 * @example
 * ```ts
 * import { accept, connect } from "@fesa/channel";
 * import { memoryPair } from "@fesa/channel/memory";
 *
 * const [here, there] = memoryPair();
 * const secret = crypto.getRandomValues(new Uint8Array(32));
 * const [client, server] = await Promise.all([
 *   connect(here, { security: { setting: "native", secret } }),
 *   accept(there, { security: [{ setting: "native", secret }] }),
 * ]);
 * await client.send("hello");
 * console.log(new TextDecoder().decode((await server.receive())!));
 * await Promise.all([client.close(), server.close()]);
 * ```
 *
 * @module
 */

export {
  CertificateError,
  type CertificateReason,
  ChannelError,
  type ChannelErrorOptions,
  type ErrorCode,
} from "./src/errors.ts";
export { accept, type AcceptOptions } from "./src/channel/accept.ts";
export { connect, type ConnectOptions } from "./src/channel/connect.ts";
export { backoff } from "./src/channel/reconnecting/backoff.ts";
export { reconnecting } from "./src/channel/reconnecting/reconnecting.ts";
export type {
  ReconnectingChannel,
  ReconnectingEvent,
  ReconnectingOptions,
} from "./src/channel/reconnecting/channel.ts";
export { serve, type ServeEvent, type ServeOptions } from "./src/channel/serve.ts";
export type { Channel, ReceiveOptions, SendOptions } from "./src/channel/channel.ts";
export type { ChannelOptions } from "./src/channel/establish.ts";
export type {
  ChannelInfo,
  ChannelStats,
  Compression,
  HandshakeCost,
  PeerInfo,
  Setting,
} from "./src/channel/info.ts";
export type {
  AcceptSecurity,
  Algorithm,
  CertificateClient,
  CertificateServer,
  CertificateSource,
  ChainTrust,
  CipherName,
  ClientKeys,
  ClientTrust,
  CompressionOptions,
  ConnectSecurity,
  CryptoChoice,
  KeyClient,
  KeyExchangeChoice,
  KeyServer,
  NativeClient,
  NativeClientIdentity,
  NativeOptions,
  NativeServer,
  NativeServerIdentity,
  OffSetting,
  OwnKey,
  RekeyOptions,
  RevocationListSource,
  StaticKeyCheck,
  TlsSettingClient,
  TlsSettingOptions,
  TlsSettingServer,
} from "./src/channel/settings/mod.ts";
export {
  firstUse,
  type KeyCheck,
  type KeyTrust,
  memoryPinStore,
  type PeerKey,
  pin,
  type PinStore,
  webPinStore,
  type WebStorage,
} from "./src/channel/settings/key/trust.ts";
export type {
  CloseOptions,
  Connection,
  HandshakeLimits,
  Listener,
  ServedTransport,
  Server,
  ServerEvent,
  ServerOptions,
} from "./src/server/server.ts";
export { serveTransports } from "./src/server/transport_server.ts";
export type { Peer } from "./src/peer.ts";
export type { Transport } from "./src/connection.ts";
