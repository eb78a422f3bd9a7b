/** What tests use of workerd's socket API. */
declare module "cloudflare:sockets" {
  export function connect(
    address: { readonly hostname: string; readonly port: number },
    options: { readonly allowHalfOpen: boolean },
  ): { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<Uint8Array> };
}
