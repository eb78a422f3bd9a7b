/** The page of pages.ts: the driver `pg` in a browser, by TLS from the page to the database, over the relay's WebSocket. */
import pg from "pg";
import { webSocketTransport } from "@fesa/channel/websocket";
import { parseCertificates } from "@fesa/channel/x509";
import { postgresStream } from "./stream.ts";

const relayPort = location.hash.slice(1) || "8080";
const output = document.querySelector("output");
document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { user, password } = Object.fromEntries(new FormData(event.target));
  try {
    const stream = await postgresStream(webSocketTransport(`ws://127.0.0.1:${relayPort}/`), {
      serverName: "localhost", // verified by the page; the relay is not trusted
      roots: parseCertificates(ROOT), // pages.ts inserts it
    });
    const client = new pg.Client({ stream: () => stream, ssl: false, database: "postgres", user, password });
    await client.connect();
    const { rows } = await client.query(
      "SELECT version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    );
    await client.end();
    output.innerText = `the server says: ${rows[0].version}, ${rows[0].cipher}`;
  } catch (error) {
    output.innerText = String(error);
  }
});
