import { setTimeout as delay } from 'node:timers/promises';
import { BOUND_MS, firstRefusal } from '../first-refusal';
import type { Credentials, GatewayClient } from '../gateway-client';
import { readUnverified } from '../unverified-token';
import type { KeyOperator } from './key-operator';

/** What tainting the active key came to, in milliseconds from the request that does it. */
export interface Tainting {
  readonly answeredAfter: number;
  /** In the order of the gateways. */
  readonly refusedAfter: readonly number[];
  /** Until every gateway took the token of a session that was opened afterwards. */
  readonly signInWorkedAfter: number;
  /** How many sign-ins failed until then. */
  readonly failedSignIns: number;
}

export interface TaintSettings {
  readonly operator: KeyOperator;
  readonly path: string;
  readonly credentials: Credentials;
  /** One for each gateway to present the doomed token to, and one for each to sign in at: no request waits for another. */
  readonly pollers: readonly GatewayClient[];
  readonly clients: readonly GatewayClient[];
}

const SIGN_IN_WITHIN_MS = 10_000;
const RETRY_AFTER_MS = 20;

/**
 * Taints the key that signs.
 *
 * @throws Error when a gateway goes on accepting what it signed beyond the bound, or nobody can sign in again
 */
export const taintActiveKey = async (settings: TaintSettings): Promise<Tainting> => {
  const { operator, path, credentials, pollers, clients } = settings;
  const { accessToken } = await first(clients).logIn(credentials);
  const { kid } = readUnverified(accessToken);
  const sentAt = performance.now();
  let answeredAt: number | undefined;
  const tainting = operator.taint(kid).then(() => (answeredAt = performance.now()));
  const refusals = Promise.all(
    pollers.map((client) =>
      firstRefusal({ client, path, accessToken, answeredAt: () => answeredAt }),
    ),
  );
  const [answered, refusedAt, signIn] = await Promise.all([
    tainting,
    refusals,
    signInUnderAnotherKey(kid, settings),
  ]);
  return {
    answeredAfter: answered - sentAt,
    refusedAfter: refusedAt.map((at, index) => {
      if (at === undefined) {
        throw new Error(`tainted key: not refused by gateway ${index + 1} within ${BOUND_MS} ms`);
      }
      return at - sentAt;
    }),
    signInWorkedAfter: signIn.workedAt - sentAt,
    failedSignIns: signIn.failures,
  };
};

/** Signs in until every gateway takes the token, as a client would whose token was refused. */
const signInUnderAnotherKey = async (
  kid: string,
  { path, credentials, clients }: TaintSettings,
): Promise<{ readonly workedAt: number; readonly failures: number }> => {
  const startedAt = performance.now();
  let failures = 0;
  while (performance.now() - startedAt < SIGN_IN_WITHIN_MS) {
    const signedIn = await first(clients)
      .logIn(credentials)
      .catch(() => undefined);
    if (signedIn === undefined) {
      failures += 1;
      await delay(RETRY_AFTER_MS);
      continue;
    }
    if (readUnverified(signedIn.accessToken).kid === kid) continue;
    const taken = await Promise.all(
      clients.map(async (client) => (await client.statusOf(path, signedIn.accessToken)) === 200),
    );
    if (taken.every(Boolean)) return { workedAt: performance.now(), failures };
  }
  throw new Error(`tainted key: no new sign-in worked within ${SIGN_IN_WITHIN_MS} ms`);
};

const first = (clients: readonly GatewayClient[]): GatewayClient => {
  const [client] = clients;
  if (client === undefined) throw new TypeError('there is no gateway');
  return client;
};
