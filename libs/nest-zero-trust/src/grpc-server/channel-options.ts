import type { ServerOptions } from '@grpc/grpc-js';
import type { SvidSource } from '@sallyport/workload-identity';

/** What a server grants a connection and a call. */
export interface ServerLimits {
  /** Milliseconds; a quarter of the leaf's life when left out, at most 10 minutes. */
  readonly maxConnectionAgeMs?: number;
  /** Of one message; 1 MiB when left out. */
  readonly maxMessageBytes?: number;
  /** Milliseconds that calls in flight get when the server closes; 5 seconds when left out. */
  readonly closeGraceMs?: number;
}

const LONGEST_AGE_MS = 600_000;
const AGE_GRACE_MS = 30_000;
const MESSAGE_BYTES = 1_048_576;

/**
 * A leaf is renewed at half its life, give or take a tenth, so one that is presented has at least two
 * fifths left: a connection of a quarter, with grpc-js's own tenth of jitter, ends before its leaf does.
 */
export function channelOptions(limits: ServerLimits, source: SvidSource): ServerOptions {
  const { svid } = source.current();
  const quarterOfLife = (svid.notAfter.getTime() - svid.notBefore.getTime()) / 4;
  const { maxMessageBytes = MESSAGE_BYTES } = limits;
  return {
    'grpc.max_connection_age_ms':
      limits.maxConnectionAgeMs ?? Math.min(LONGEST_AGE_MS, quarterOfLife),
    'grpc.max_connection_age_grace_ms': AGE_GRACE_MS,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.max_concurrent_streams': 1024,
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 10_000,
  };
}
