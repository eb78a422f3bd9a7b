/**
 * Decides which WebSocket requests a server accepts, by the origin of the page (RFC 6455 section 10.2), the path and the
 * subprotocol.
 */

/** Options for the requests that a listener for WebSockets accepts. */
export interface AdmissionOptions {
  /**
   * The origins of pages that may connect, such as `https://app.example`, or `"*"` for any. By default a page may connect
   * only to its own host. Programs send no origin and need none. The check prevents foreign pages from using a visitor's
   * position in the network; it does not authenticate clients.
   */
  readonly origins?: readonly string[] | "*";
  /** The accepted paths, such as `/channel`; any by default. They are compared in full, without the query. */
  readonly paths?: readonly string[];
  /** The subprotocol for clients that request it (RFC 6455 section 1.9). Other clients are accepted without one. */
  readonly protocol?: string;
}

/** The parts of a request that decide whether it is accepted. */
export interface AdmissionRequest {
  /** The Origin field. */
  readonly origin: string | null | undefined;
  /** The Host field, or the host of the request's URL. */
  readonly host: string;
  /** The path, which may have a query. */
  readonly path: string;
}

/** Returns the status with which to refuse a request, or undefined if the request is accepted. */
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

/** Returns whether text is an origin as browsers send it: a scheme, a host and optionally a port, in lower case. */
export function isOrigin(text: unknown): boolean {
  return text === "null" ||
    typeof text === "string" && /^[a-z][a-z0-9+.-]*:\/\/[^\/]+$/.test(text) && URL.canParse(text) &&
      !/[@\s]/.test(text);
}

/** Returns whether text is the path of a URL. */
export function isPath(text: unknown): boolean {
  return typeof text === "string" && /^\/[^?#\s]*$/.test(text);
}

/** Returns whether text is a token (RFC 9110 section 5.6.2), as names of fields and subprotocols are. */
export function isToken(text: unknown): boolean {
  return typeof text === "string" && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
}

function isListOf(list: unknown, check: (item: unknown) => boolean): boolean {
  return Array.isArray(list) && list.every(check);
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
