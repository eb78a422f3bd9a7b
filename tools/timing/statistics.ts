/** Compares the times of two classes of inputs: an interval for the difference, and dudect's t. */

/** A comparison of two classes. */
export interface Comparison {
  /** The number of samples of each class. */
  readonly samples: number;
  /** The median of the first class, in nanoseconds. */
  readonly median: number;
  /** How much longer the second class takes, in nanoseconds, with a 95 % confidence interval. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  /** Welch's t of the faster nine tenths; dudect reports a leak above 4.5. */
  readonly t: number;
}

/** The number of bootstrap resamples for the interval. */
const RESAMPLES = 500;

/**
 * Compares pairs of samples that were taken one after the other, so that other load slows both. It uses the interquartile
 * mean of the differences, which is more precise than the median and robust against outliers.
 */
export function compare(a: Float64Array, b: Float64Array): Comparison {
  const differences = a.map((time, i) => b[i] - time);
  const means = Array.from({ length: RESAMPLES }, () => middleMean(resampled(differences))).sort((x, y) =>
    x - y
  );
  return {
    samples: a.length,
    median: a.toSorted()[a.length >> 1],
    difference: middleMean(differences),
    interval: [means[Math.floor(0.025 * RESAMPLES)], means[Math.ceil(0.975 * RESAMPLES) - 1]],
    t: welch(fastest(a), fastest(b)),
  };
}

function middleMean(values: Float64Array): number {
  const middle = values.toSorted().subarray(values.length >> 2, values.length - (values.length >> 2));
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

function resampled(values: Float64Array): Float64Array {
  return values.map(() => values[Math.floor(Math.random() * values.length)]);
}

function fastest(values: Float64Array): Float64Array {
  return values.toSorted().subarray(0, Math.floor(0.9 * values.length));
}

function welch(a: Float64Array, b: Float64Array): number {
  const [first, second] = [a, b].map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    return { mean, error: variance / values.length };
  });
  return (second.mean - first.mean) / Math.sqrt(first.error + second.error);
}
