declare module "noise-c.wasm" {
  /** Calls back with the library once its WebAssembly is loaded. */
  export default function createNoise(callback: (noise: never) => void): void;
}
