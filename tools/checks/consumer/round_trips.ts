/** Uses the package as a user would: a message there and back in every setting, in memory. */
import { accept, type AcceptSecurity, connect, type ConnectSecurity, pin } from "@fesa/channel";
import { memoryPair } from "@fesa/channel/memory";
import { generateKeyPair } from "@fesa/channel/rsa";
import {
  createCertificateAuthority,
  createCertificateRequest,
  issueCertificate,
  parseCertificateRequest,
  pinOf,
} from "@fesa/channel/x509";

/** Throws if a setting does not work. */
export async function roundTrips(): Promise<void> {
  const { privateKey, publicKey } = await generateKeyPair();
  const name = "app.example";
  const request = createCertificateRequest(privateKey, { subject: `CN=${name}`, names: [name] });
  const root = await createCertificateAuthority({ subject: "CN=A Root" });
  const certificate = issueCertificate(root, parseCertificateRequest(request.pem));
  const secret = crypto.getRandomValues(new Uint8Array(32));

  const offers: AcceptSecurity[] = [
    { setting: "certificate", key: privateKey, certificates: [certificate] },
    { setting: "key", key: privateKey },
    { setting: "native", secret },
    { setting: "off" },
  ];
  await roundTrip({ setting: "certificate", roots: [root.certificate], serverName: name }, offers);
  await roundTrip({ setting: "key", trust: pin(pinOf(publicKey)) }, offers);
  await roundTrip({ setting: "native", secret }, offers);
  await roundTrip({ setting: "off" }, offers);
}

async function roundTrip(security: ConnectSecurity, offers: readonly AcceptSecurity[]): Promise<void> {
  const [here, there] = memoryPair();
  const [client, server] = await Promise.all([
    connect(here, { security }),
    accept(there, { security: offers }),
  ]);
  await client.send(`hello in ${security.setting}`);
  const heard = await server.receive();
  if (heard) await server.send(heard);
  const echo = new TextDecoder().decode(await client.receive() ?? undefined);
  if (echo !== `hello in ${security.setting}`) throw new Error(`${security.setting} gave ${echo}`);
  await Promise.all([client.close(), server.close()]);
}
