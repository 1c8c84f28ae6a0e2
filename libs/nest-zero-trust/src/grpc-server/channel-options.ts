import type { ServerOptions } from '@grpc/grpc-js';
import { greatestConnectionAgeMs } from '../inbound/connection-age';
import type { ServiceTrust } from '../inbound/service-trust';

/** What a server grants a connection and a call. */
export interface ServerLimits {
  /** Milliseconds; a quarter of what is left of the leaf when left out, at most 10 minutes. */
  readonly maxConnectionAgeMs?: number;
  /** Of one message; 1 MiB when left out. */
  readonly maxMessageBytes?: number;
  /** Milliseconds that calls in flight get when the server closes; 5 seconds when left out. */
  readonly closeGraceMs?: number;
}

const AGE_GRACE_MS = 30_000;
const MESSAGE_BYTES = 1_048_576;

/** @param options whose identity is asked when the server starts: its later leaves live as long */
export function channelOptions(
  options: ServerLimits & Pick<ServiceTrust, 'source' | 'clock'>,
): ServerOptions {
  const { maxMessageBytes = MESSAGE_BYTES } = options;
  return {
    'grpc.max_connection_age_ms': options.maxConnectionAgeMs ?? greatestConnectionAgeMs(options),
    'grpc.max_connection_age_grace_ms': AGE_GRACE_MS,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.max_concurrent_streams': 1024,
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 10_000,
  };
}
