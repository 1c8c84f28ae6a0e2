import { Metadata } from '@grpc/grpc-js';

const TRAILER = 'retry-after-seconds';

/** A day: what is further off is said to be that far. */
const LONGEST_SECONDS = 86_400;

const SECONDS = /^[1-9]\d{0,4}$/;

/** The trailer that carries how long to wait; undefined where nobody knows. */
export function retryAfterTrailer(seconds: number | undefined): Metadata | undefined {
  if (seconds === undefined) return undefined;
  const metadata = new Metadata();
  metadata.set(TRAILER, String(Math.min(Math.max(1, Math.ceil(seconds)), LONGEST_SECONDS)));
  return metadata;
}

/** The seconds that a peer said to wait: from one to a day, and nothing else that it may have written there. */
export function retryAfterOf(trailers: Metadata | undefined): number | undefined {
  const [value, ...more] = trailers?.get(TRAILER) ?? [];
  if (typeof value !== 'string' || more.length > 0 || !SECONDS.test(value)) return undefined;
  const seconds = Number(value);
  return seconds <= LONGEST_SECONDS ? seconds : undefined;
}
