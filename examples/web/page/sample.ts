/** A sample to send: the log of a program. */

const LINES = 4000;

/** A file of some 256 kB. */
export function sampleFile(): File {
  const lines = Array.from({ length: LINES }, (_, i) => {
    const request = i * 7919 % 100_003;
    return `{"time":${1_700_000_000 + i * 13},"level":"info","path":"/orders/${request}","ms":${i % 97}}\n`;
  });
  return new File(lines, "sample.log", { type: "text/plain" });
}
