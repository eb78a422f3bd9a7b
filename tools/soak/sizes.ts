/** Computes how many channels this machine can hold. */
import { execFileSync } from "node:child_process";
import { freemem } from "node:os";

/** The numbers of honest channels that stay. */
export interface Sizes {
  readonly idle: number;
  readonly busy: number;
}

/** The number of descriptors for attackers and newcomers, in addition to those of the channels. */
const OTHER_DESCRIPTORS = 3_500;

/** The memory for both ends of a channel, and for everything else, in bytes. */
const CHANNEL_BYTES = 120 * 1024;
const OTHER_BYTES = 1e9;

const LEAST = 100;

/**
 * Returns the requested sizes. If this machine lacks the descriptors or the memory, returns smaller sizes and prints that.
 */
export function affordable({ idle, busy }: Sizes): Sizes {
  const allowed = execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }).trim();
  const descriptors = allowed === "unlimited" ? Infinity : Number(allowed);
  const free = freemem();
  const most = Math.min(descriptors - OTHER_DESCRIPTORS, (free - OTHER_BYTES) / CHANNEL_BYTES);
  if (idle + busy <= most) return { idle, busy };
  const share = Math.min(1, Math.max(LEAST, most) / (idle + busy));
  const fewer = { idle: Math.floor(idle * share), busy: Math.floor(busy * share) };
  console.log(
    `SCALED DOWN from ${idle} idle and ${busy} busy channels: this machine has ${allowed} descriptors for a process ` +
      `(ulimit -n) and ${Math.floor(free / 1e6)} MB of free memory`,
  );
  return fewer;
}
