/** How a number of measurements lie. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The smallest value that so large a share of all values does not exceed (nearest rank); NaN when there is none. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const spreadOf = (values: readonly number[]): Spread => ({
  p50: percentile(values, 0.5),
  p99: percentile(values, 0.99),
  max: percentile(values, 1),
});

/** The cells of a table row, in milliseconds. */
export const spreadCells = ({ p50, p99, max }: Spread): readonly string[] =>
  [p50, p99, max].map((ms) => ms.toFixed(1));
