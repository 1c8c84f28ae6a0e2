import { BOUND_MS, firstRefusal } from '../first-refusal';
import type { GatewayClient } from '../gateway-client';
import type { RevocableToken } from './revocable-token';

/** How long one gateway took to refuse what was withdrawn, in milliseconds. */
export interface RefusalTimes {
  readonly fromRequest: number;
  /** 0 when it refused before the answer. */
  readonly fromAnswer: number;
}

export interface MeasuredRevocation {
  /** From the request that withdraws to its answer, in milliseconds. */
  readonly answerMs: number;
  /** In the order of the gateways. */
  readonly gateways: readonly RefusalTimes[];
}

export interface RevocationSettings {
  readonly token: RevocableToken;
  /** Sends the revocation. */
  readonly revoker: GatewayClient;
  /** Each presents the token to another gateway. */
  readonly pollers: readonly GatewayClient[];
  readonly path: string;
}

/**
 * Withdraws a token that every gateway accepts, and presents it to each until it is refused. A refusal counts from when
 * it arrived, so that the figures are what a client can see.
 *
 * @throws Error when it is not accepted before, or not refused within the bound
 */
export const measureRevocation = async ({
  token: { kind, accessToken, revoke },
  revoker,
  pollers,
  path,
}: RevocationSettings): Promise<MeasuredRevocation> => {
  for (const client of pollers) {
    const status = await client.statusOf(path, accessToken);
    if (status !== 200) throw new Error(`a token to be withdrawn was answered ${status} before`);
  }
  const sentAt = performance.now();
  let answeredAt: number | undefined;
  const answer = revoke(revoker).then(() => (answeredAt = performance.now()));
  const refusals = Promise.all(
    pollers.map((client) =>
      firstRefusal({ client, path, accessToken, answeredAt: () => answeredAt }),
    ),
  );
  const [answered, refusedAt] = await Promise.all([answer, refusals]);
  const gateways = refusedAt.map((at, index) => {
    if (at === undefined) {
      throw new Error(`${kind}: not refused by gateway ${index + 1} within ${BOUND_MS} ms`);
    }
    return { fromRequest: at - sentAt, fromAnswer: Math.max(0, at - answered) };
  });
  return { answerMs: answered - sentAt, gateways };
};
