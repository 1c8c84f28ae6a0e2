import type { Stage } from '../stage';
import type { Chapter, Step } from '../step';
import { as } from './callers';
import { withAlteredClaims } from './forged-tokens';
import { callGrpc } from './grpc-call';
import { RPCS, refusedCall } from './refused-call';
import { mintTransactionToken } from './transaction-token';

/** The same call done right; billing-service has charged the order before, so nothing comes of it. */
const genuine: Step = {
  title: 'the genuine one passes',
  run: async (stage) => {
    const { service, name, path, request } = RPCS.chargeOrder;
    const { status } = await callGrpc({
      address: stage.cluster.services[service].grpcAddress,
      path,
      message: request(stage),
      credentials: await as('orders-service')(stage),
      metadata: { 'txn-token': await mintTransactionToken(stage) },
    });
    return { sent: `${name} to ${service}`, expected: 'OK', got: status };
  },
};

/** R5: past the first hop, a user is believed only as the gateway signed it. */
export const TRANSACTION_TOKEN_ATTACKS: Chapter = {
  title: "Transaction tokens, from orders-service's own certificate",
  steps: [
    genuine,
    presented('none at all', 'txn_token_missing', () => undefined),
    presented('expired', 'txn_token_expired', (stage) =>
      mintTransactionToken(stage, { ageSeconds: 600 }),
    ),
    presented('for a foreign trust domain', 'txn_token_audience_wrong', (stage) =>
      mintTransactionToken(stage, { trustDomain: 'foreign.example' }),
    ),
    presented("signed by orders-service's own key", 'txn_token_issuer_wrong', (stage) =>
      mintTransactionToken(stage, { signer: 'orders-service' }),
    ),
    presented('scope widened', 'txn_token_signature_invalid', async (stage) =>
      withAlteredClaims(await mintTransactionToken(stage), {
        scope: 'orders:write billing:refund keys:manage',
      }),
    ),
    presented('the access token instead', 'txn_token_key_reference_refused', ({ facts }) =>
      facts.recall('accessToken'),
    ),
  ],
};

function presented(
  title: string,
  reason: string,
  tokenOf: (stage: Stage) => string | undefined | Promise<string>,
): Step {
  return refusedCall({
    title,
    rpc: RPCS.chargeOrder,
    credentials: as('orders-service'),
    metadata: async (stage) => {
      const token = await tokenOf(stage);
      return token === undefined ? {} : { 'txn-token': token };
    },
    status: 'UNAUTHENTICATED',
    reason,
  });
}
