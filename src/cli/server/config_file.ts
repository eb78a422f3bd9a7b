/** The configuration of a server in a file of JSON with comments, and the files that it names. */

import { dirname, resolve } from "node:path";
import { naming, readTextFile } from "../files.ts";
import { checkServerConfig, type ServerConfig } from "./config.ts";
import { parseJsonWithComments } from "./json_with_comments.ts";

/** Reads a configuration file. Errors name the wrong field by its path, such as `security[0].algorithm`. */
export async function readServerConfig(path: string): Promise<ServerConfig> {
  const text = await readTextFile(path);
  return await naming(
    path,
    () => inFolder(checkServerConfig(parseJsonWithComments(text)), dirname(path)),
  );
}

/** Makes the names of files absolute. */
function inFolder(config: ServerConfig, folder: string): ServerConfig {
  const at = (path: string | undefined) => path && resolve(folder, path);
  const place = (text: string) => text.replace(/^unix:(.*)$/, (_, path) => `unix:${resolve(folder, path)}`);
  return {
    ...config,
    listen: place(config.listen),
    forward: config.forward && place(config.forward),
    receiveDir: at(config.receiveDir),
    pidFile: at(config.pidFile),
    security: config.security.map((setting) => ({
      ...setting,
      certificate: at(setting.certificate),
      key: at(setting.key),
      secretFile: at(setting.secretFile),
      acme: setting.acme && {
        ...setting.acme,
        accountKey: resolve(folder, setting.acme.accountKey ?? "acme-account.pem"),
        externalKeyFile: at(setting.acme.externalKeyFile),
        webroot: at(setting.acme.webroot),
        dnsHook: at(setting.acme.dnsHook),
      },
      clients: setting.clients && {
        ...setting.clients,
        roots: at(setting.clients.roots),
        crls: setting.clients.crls?.map((path) => resolve(folder, path)),
        crlIssuers: setting.clients.crlIssuers?.map((path) => resolve(folder, path)),
      },
    })),
  };
}

/** The files that the settings are read from, except those that the server writes itself. */
export function filesOf({ security }: ServerConfig): string[] {
  return security.flatMap(({ certificate, key, secretFile, clients, acme }) =>
    [
      ...(acme ? [] : [certificate, key]),
      secretFile,
      clients?.roots,
      ...(clients?.crls ?? []),
      ...(clients?.crlIssuers ?? []),
    ].filter((path) => path !== undefined)
  );
}
