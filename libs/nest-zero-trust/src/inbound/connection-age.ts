import type { ServiceTrust } from './service-trust';

const GREATEST_AGE_MS = 600_000;
/** Of a leaf that should have been renewed long ago: connections go on being made, and calls on them answered. */
const SMALLEST_AGE_MS = 5_000;

/**
 * How long a connection that is made now may last, in milliseconds. A leaf is renewed at half its life, give or take a tenth,
 * so one that is presented has at least two fifths left: a quarter of what is left of this one ends before any leaf of
 * the same life does. What is left counts, not the whole: a leaf is dated back.
 */
export function greatestConnectionAgeMs({
  source,
  clock,
}: Pick<ServiceTrust, 'source' | 'clock'>): number {
  const quarter = (source.current().svid.notAfter.getTime() - clock().getTime()) / 4;
  return Math.max(SMALLEST_AGE_MS, Math.min(GREATEST_AGE_MS, quarter));
}
