/** The part of node:zlib that tests use, for browsers and workerd. It uses pako, which is zlib in JavaScript. */
import * as pako from "pako";

export const constants: typeof pako.constants = pako.constants;

type Options = Omit<pako.DeflateOptions, "dictionary"> & { readonly dictionary?: Uint8Array };

/** Like zlib.deflateRawSync. */
export function deflateRawSync(data: Uint8Array, options: Options = {}): Uint8Array {
  return pako.deflateRaw(data, options as pako.DeflateOptions);
}

/** Like zlib.inflateRawSync. It throws if the input ends too early, which pako does not check. */
export function inflateRawSync(data: Uint8Array, { dictionary }: Options = {}): Uint8Array {
  const inflate = new pako.Inflate({
    raw: true,
    ...(dictionary && { dictionary: dictionary as unknown as ArrayBuffer }),
  });
  inflate.push(data, false); // with true, pako would drop the output that follows a full chunk
  if (inflate.err !== 0) throw new Error(inflate.msg);
  if (!(inflate as unknown as { ended: boolean }).ended) throw new Error("unexpected end of file");
  return inflate.result as Uint8Array;
}
