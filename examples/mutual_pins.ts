/**
 * Mutual authentication without certificates: each side knows the pin of the other's key. A stranger is refused.
 *
 *     npx tsx examples/mutual_pins.ts        (or with deno run -A, or bun)
 */
import { connect, pin, serve } from "@fesa/channel";
import { dial, listen } from "@fesa/channel/node";
import { generateKeyPair, type RsaPrivateKey } from "@fesa/channel/rsa";
import { pinOf } from "@fesa/channel/x509";

// Each side makes a key once and keeps it, and gives the other its pin over a trusted path.
const { privateKey: serverKey } = await generateKeyPair();
const { privateKey: clientKey } = await generateKeyPair();
const { privateKey: strangersKey } = await generateKeyPair();
const [serverPin, clientPin] = [pinOf(serverKey), pinOf(clientKey)];

const listener = await listen();
const server = serve(listener, {
  security: [{ setting: "key", key: serverKey, clients: { trust: pin(clientPin) } }],
  onError: (error) => console.log(`the server: ${error}`),
}, async (channel) => {
  await channel.send(`hello, ${channel.info.peer.pin}`);
});

async function greet(name: string, key: RsaPrivateKey): Promise<void> {
  try {
    await using channel = await connect(await dial(listener), {
      security: { setting: "key", trust: pin(serverPin), credentials: { key } },
    });
    const greeting = await channel.receive();
    if (greeting) console.log(`the ${name} was told: ${new TextDecoder().decode(greeting)}`);
  } catch (error) {
    console.log(`the ${name}: ${error}`);
  }
}

await greet("client", clientKey);
await greet("stranger", strangersKey);
await server.close();
