import type { GatewayClient } from './gateway-client';

/** The stated bound: within so many milliseconds what was withdrawn is refused everywhere. */
export const BOUND_MS = 2_000;

/** For how long an answer to the request that withdraws may take before it is given up. */
const PATIENCE_MS = 10_000;

/** A token that is presented to one gateway again and again, one request at a time, the next at once. */
export interface Presented {
  readonly client: GatewayClient;
  readonly path: string;
  readonly accessToken: string;
  /** When what withdraws it was answered; undefined before. */
  readonly answeredAt: () => number | undefined;
}

/**
 * When the first refusal arrived; undefined when the bound passed without one.
 *
 * @throws Error for an answer that neither accepts nor refuses the token
 */
export const firstRefusal = async ({
  client,
  path,
  accessToken,
  answeredAt,
}: Presented): Promise<number | undefined> => {
  const startedAt = performance.now();
  for (;;) {
    const askedAt = performance.now();
    const status = await client.statusOf(path, accessToken);
    if (status === 401) return performance.now();
    if (status !== 200) throw new Error(`${client.origin} answered ${status} to a polled token`);
    const endsAt = Math.min((answeredAt() ?? Infinity) + BOUND_MS, startedAt + PATIENCE_MS);
    if (askedAt > endsAt) return undefined;
  }
};
