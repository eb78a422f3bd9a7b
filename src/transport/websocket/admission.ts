/** Decides which WebSocket requests a server accepts: by the page's origin (RFC 6455 section 10.2), the path and the subprotocol. */

/** Options of listeners for WebSockets. */
export interface AdmissionOptions {
  /**
   * Origins of pages that may connect, such as `https://app.example`, or `"*"` for any. By default a page may connect only to
   * the host that it came from. Programs send no origin, and need none: the check keeps foreign pages from using a visitor's
   * position in the network, and does not authenticate a client.
   */
  readonly origins?: readonly string[] | "*";
  /** Paths that are accepted, such as `/channel`, compared in full and without the query; any by default. */
  readonly paths?: readonly string[];
  /** The subprotocol, for clients that ask for it (RFC 6455 section 1.9); other clients are accepted without one. */
  readonly protocol?: string;
}

/** The parts of a request that decide whether it is accepted. */
export interface AdmissionRequest {
  /** The Origin field. */
  readonly origin: string | null | undefined;
  /** The Host field, or the host of the request's URL. */
  readonly host: string;
  /** The path, perhaps with a query. */
  readonly path: string;
}

/** Returns the status to refuse a request with, or undefined if it is accepted. */
export function refusalStatus(
  { origin, host, path }: AdmissionRequest,
  { origins, paths }: AdmissionOptions,
): "403 Forbidden" | "404 Not Found" | undefined {
  if (paths !== undefined && !paths.includes(path.replace(/\?.*/s, ""))) return "404 Not Found";
  if (typeof origin !== "string" || origins === "*") return undefined;
  const isAllowed = origins === undefined ? hostOf(origin) === host.toLowerCase() : origins.includes(origin);
  return isAllowed ? undefined : "403 Forbidden";
}

/**
 * Refuses invalid options.
 *
 * @throws {TypeError} If an option has the wrong type, or no request could match it.
 */
export function checkAdmission({ origins, paths, protocol }: AdmissionOptions): void {
  if (origins !== undefined && origins !== "*" && !isListOf(origins, isOrigin)) {
    throw new TypeError('origins is "*" or a list of origins such as "https://app.example"');
  }
  if (paths !== undefined && !isListOf(paths, isPath)) {
    throw new TypeError('paths is a list of paths such as "/channel"');
  }
  if (protocol !== undefined && !isToken(protocol)) {
    throw new TypeError("protocol must be a token (RFC 9110)");
  }
}

/** Whether text is an origin as browsers send it: a scheme, a host and perhaps a port, in lower case. */
export function isOrigin(text: unknown): boolean {
  return text === "null" ||
    typeof text === "string" && /^[a-z][a-z0-9+.-]*:\/\/[^\/]+$/.test(text) && URL.canParse(text) &&
      !/[@\s]/.test(text);
}

/** Whether text is the path of a URL. */
export function isPath(text: unknown): boolean {
  return typeof text === "string" && /^\/[^?#\s]*$/.test(text);
}

/** Whether text is a token (RFC 9110 section 5.6.2), like the names of fields and subprotocols. */
export function isToken(text: unknown): boolean {
  return typeof text === "string" && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
}

function isListOf(list: unknown, check: (item: unknown) => boolean): boolean {
  return Array.isArray(list) && list.every(check);
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
