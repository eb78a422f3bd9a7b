/** ECDHE: ephemeral elliptic-curve Diffie-Hellman, signed by the server (RFC 8422 sections 2 and 5). */

import { ByteWriter } from "../../byte_fields.ts";
import { concat } from "../../bytes.ts";
import type { PublicKey } from "../../x509/keys/public_key.ts";
import { fatalAlert } from "../alerts.ts";
import { publicKeyOf } from "../credentials/credentials.ts";
import { signingKeyOf } from "../credentials/peer.ts";
import type { TlsSignatureScheme } from "../credentials/signature_schemes.ts";
import { signatureSchemeFor, signContent, verifyContent } from "../credentials/signatures.ts";
import { readWhole } from "../handshake/reader.ts";
import { TLS_1_2 } from "../handshake/versions.ts";
import type { ClientContext, ClientSide, KeyExchange, ServerContext, ServerSide } from "./key_exchange.ts";
import type { NamedGroup } from "./named_group.ts";

/** The key exchange of the cipher suites `TLS_ECDHE_RSA_*`. */
export const ecdheRsa: KeyExchange = ecdhe(["rsa", "rsa-pss"]);
/** The key exchange of the cipher suites `TLS_ECDHE_ECDSA_*`, which Ed25519 keys use too (RFC 8422 section 2.2). */
export const ecdheEcdsa: KeyExchange = ecdhe(["ec", "ed25519"]);

/** Returns ECDHE with signatures by keys of these types. */
function ecdhe(keyTypes: readonly PublicKey["type"][]): KeyExchange {
  const fits = (key: PublicKey) => keyTypes.includes(key.type);
  return {
    name: "ECDHE",
    hasServerKeyExchange: true,
    keyUsage: "digitalSignature",
    fits,
    isPossible: (context) => commonGround(context) !== undefined,
    server,
    client: (context) => {
      const key = signingKeyOf(context.server, context.minimumKeyBits);
      if (!fits(key)) {
        const message = "the cipher suite is not for the type of the server's key";
        throw fatalAlert("unsupported_certificate", message, "unsupported");
      }
      return client(context, key);
    },
  };
}

/**
 * Returns the group and the signature scheme that a server chooses for a client, or undefined if the two have no group or no
 * scheme in common.
 */
function commonGround(
  { credentials, client, groups }: Pick<ServerContext, "credentials" | "client" | "groups">,
): { readonly group: NamedGroup; readonly scheme: TlsSignatureScheme } | undefined {
  const group = client.groups === undefined
    ? groups.find(({ name }) => name === "secp256r1") // the group that a client without supported_groups most likely supports
    : groups.find(({ id, tls13Only }) => !tls13Only && client.groups?.includes(id));
  const scheme = signatureSchemeFor(credentials, client.signatureSchemes, TLS_1_2);
  const isPossible = client.uncompressedPoints && knowsCurve(client, publicKeyOf(credentials));
  return group && scheme && isPossible ? { group, scheme } : undefined;
}

/** The numbers of the groups for the curves of ECDSA keys. */
const CURVE_GROUPS = { "P-256": 0x0017, "P-384": 0x0018, "P-521": 0x0019 } as const;

/**
 * Returns whether the client accepts the curve of the server's key. In TLS 1.2 the client's groups also limit these curves
 * (RFC 8422 section 5.3).
 */
function knowsCurve({ groups }: ServerContext["client"], key: PublicKey): boolean {
  return key.type !== "ec" || groups === undefined || groups.includes(CURVE_GROUPS[key.curve]);
}

async function server(context: ServerContext): Promise<ServerSide> {
  const { credentials, operations, random } = context;
  const { group, scheme } = commonGround(context)!;
  const exchange = group.generate(random);
  const parameters = encodeParameters(group, exchange.share);
  const signature = await signContent(credentials, scheme, signedContent(context, parameters), operations);
  return {
    info: { group: group.name, signatureScheme: scheme.name },
    serverKeyExchange: new ByteWriter().bytes(parameters).u16(scheme.id)
      .vector(2, signature).finish(),
    receive: (body) => {
      const share = readWhole("ClientKeyExchange", body, (reader) => reader.vector(1, 1));
      return Promise.resolve(exchange.finish(share));
    },
  };
}

function client(context: ClientContext, key: PublicKey): ClientSide {
  const { groups, random, serverKeyExchange } = context;
  const { curveType, groupId, serverShare, ...signed } = readWhole(
    "ServerKeyExchange",
    serverKeyExchange!,
    (reader) => ({
      curveType: reader.u8(),
      groupId: reader.u16(),
      serverShare: reader.vector(1, 1),
      scheme: reader.u16(),
      signature: reader.vector(2),
    }),
  );
  const group = groups.find(({ id, tls13Only }) => !tls13Only && id === groupId);
  if (curveType !== NAMED_CURVE || group === undefined) {
    throw fatalAlert("illegal_parameter", "the server chose a group that was not offered");
  }
  const content = signedContent(context, encodeParameters(group, serverShare));
  const { name } = verifyContent(key, signed, content, TLS_1_2, context.operations);
  return {
    info: { group: group.name, signatureScheme: name },
    respond: () => {
      const { share, secret } = group.respond(serverShare, random);
      return {
        clientKeyExchange: new ByteWriter().vector(1, share).finish(),
        premasterSecret: secret,
      };
    },
  };
}

/** The ECCurveType named_curve (RFC 8422 section 5.4). */
const NAMED_CURVE = 3;

/** Encodes ServerECDHParams (RFC 8422 section 5.4). */
function encodeParameters(group: NamedGroup, share: Uint8Array): Uint8Array {
  return new ByteWriter().u8(NAMED_CURVE).u16(group.id).vector(1, share).finish();
}

/** Returns the content that the server signs: both random values and the server's parameters. */
function signedContent(
  { randoms }: Pick<ServerContext, "randoms">,
  parameters: Uint8Array,
): Uint8Array {
  return concat(randoms.client, randoms.server, parameters);
}
