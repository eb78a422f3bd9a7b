/**
 * Asks a PostgreSQL server how the connection is protected. TLS is done by this library, not by the driver `pg`. The server has
 * `ssl = on`, and keys/certificate.pem and keys/key.pem as its certificate and key; PGUSER and PGPASSWORD are the user and the password.
 *
 *     npx tsx examples/postgres/client.ts [PORT]
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import pg from "pg";
import { dial } from "@fesa/channel/node";
import { parseCertificates } from "@fesa/channel/x509";
import { postgresStream } from "./stream.ts";

const transport = await dial({ host: "localhost", port: Number(process.argv[2] ?? 5432) });
const stream = await postgresStream(transport, {
  serverName: "localhost",
  roots: parseCertificates(readFileSync("keys/root.pem", "utf8")),
});
const client = new pg.Client({ stream: () => stream, ssl: false, database: "postgres" });
await client.connect();
const { rows } = await client.query("SELECT version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
console.log(`the server says: ${rows[0].version}, ${rows[0].cipher}`);
await client.end();
