import { assert, test } from "./_kit/mod.ts";
import { onAbort } from "../src/abort.ts";

test("abort: many listeners share one event listener on a signal, and each stops on its own", () => {
  const controller = new AbortController();
  const { signal } = controller;
  let standing = 0;
  const { addEventListener, removeEventListener } = AbortSignal.prototype;
  signal.addEventListener = (...args: unknown[]) => {
    standing++;
    Reflect.apply(addEventListener, signal, args);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    standing--;
    Reflect.apply(removeEventListener, signal, args);
  };
  const heard: number[] = [];
  const stops = Array.from({ length: 20 }, (_, i) => onAbort(signal, () => heard.push(i)));
  assert.equal(standing, 1);
  for (const stop of stops) stop();
  stops[0]();
  assert.equal(standing, 0);
  onAbort(signal, () => heard.push(1));
  onAbort(signal, () => heard.push(2))();
  onAbort(signal, () => heard.push(3));
  assert.equal(standing, 1);
  controller.abort();
  assert.deepEqual(heard, [1, 3]);
  onAbort(undefined, () => {})();
});
