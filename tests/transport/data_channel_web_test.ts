import { assert, test } from "../_kit/mod.ts";
import { accept, connect } from "../../mod.ts";
import { dataChannelTransport } from "../../src/transport/data_channel.ts";
import { numbered, readAll } from "./_streams.ts";

/** Two peers of the browser's own WebRTC, with an open data channel between them; `close` ends both. */
async function peers(): Promise<{ here: RTCDataChannel; there: RTCDataChannel; close: () => void }> {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate ?? undefined);
  b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate ?? undefined);
  const here = a.createDataChannel("fesa");
  const arrived = new Promise<RTCDataChannel>((resolve) =>
    b.ondatachannel = ({ channel }) => resolve(channel)
  );
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription!);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription!);
  return { here, there: await arrived, close: () => [a, b].forEach((peer) => peer.close()) };
}

// Of the bundled runtimes, a page of Chromium has WebRTC; Firefox runs the tests in a worker, which has none.
test("data channel: bytes cross the browser's own, with backpressure", { on: ["chromium"] }, async () => {
  const { here, there, close } = await peers();
  const [sender, receiver] = [dataChannelTransport(here), dataChannelTransport(there)];
  const writer = sender.writable.getWriter();
  const sent = numbered(4_000_000);
  const reading = readAll(receiver);
  let mostBuffered = 0;
  for (let start = 0; start < sent.length; start += 100_000) {
    await writer.write(sent.subarray(start, start + 100_000));
    mostBuffered = Math.max(mostBuffered, here.bufferedAmount);
  }
  await writer.close();
  assert.deepEqual(await reading, sent);
  assert.ok(mostBuffered < 2_000_000, `${mostBuffered} bytes were buffered`);
  close();
});

test("data channel: a secured channel over the browser's own", { on: ["chromium"] }, async () => {
  const { here, there, close } = await peers();
  const security = { setting: "native", secret: new Uint8Array(32) } as const;
  const [client, server] = await Promise.all([
    connect(dataChannelTransport(here), { security }),
    accept(dataChannelTransport(there), { security: [security] }),
  ]);
  await client.send(numbered(1_000_000));
  assert.deepEqual(await server.receive(), numbered(1_000_000));
  await Promise.all([client.close(), server.close()]);
  assert.equal(await server.receive(), null);
  close();
});
