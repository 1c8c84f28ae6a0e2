import { setTimeout as delay } from 'node:timers/promises';
import type { History } from '../history/history';
import type { ExpiredTokens } from './expired-token';
import type { Call, GatewayClient } from './gateway-client';
import type { Random } from './random';
import type { Session } from './session';

const PAUSE_MS = 200;
/** What a verifier grants to clocks that differ, and what a request takes. */
const TOLERANCE_SECONDS = 15;

export interface Prey {
  /** Who owns what the others want. */
  readonly victim: Session;
  readonly orderId: string;
  readonly invoiceId: string;
  /** A customer with every scope, but not the owner. */
  readonly stranger: Session;
  /** Somebody who may read and not write. */
  readonly viewer: Session;
  /** A key for `orders:read` alone. */
  readonly narrowKey: string;
  readonly expired: ExpiredTokens;
  /** By how much the clock of a process is wrong at the moment, at most. */
  readonly skewSeconds: () => number;
}

/** Asks all the time for what must never be given, whatever is broken. */
export class Prober {
  constructor(
    private readonly client: GatewayClient,
    private readonly prey: Prey,
    private readonly history: Pick<History, 'probes'>,
    private readonly random: Random,
  ) {}

  async run(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      const [name, call] = this.random.of(this.#attempts()) ?? ['', { path: '/' }];
      const { sentAt, status } = await this.client.ask(undefined, call);
      this.history.probes.push({ name, sentAt, status });
      await delay(PAUSE_MS);
    }
  }

  #attempts(): readonly (readonly [name: string, call: Call])[] {
    const { victim, orderId, invoiceId, stranger, viewer, narrowKey, expired } = this.prey;
    const { accessToken } = stranger;
    const order = {
      method: 'POST',
      path: '/orders',
      json: { items: [{ sku: 'keep-key', quantity: 1 }] },
    } as const;
    const idempotency = { 'idempotency-key': '6b8f1d1e-7b1f-4f0e-9a3c-0d2f6f5b1c55' };
    const endedAgo = TOLERANCE_SECONDS + this.prey.skewSeconds();
    return [
      ['the order of somebody else', { path: `/orders/${orderId}`, accessToken }],
      ['the invoice of somebody else', { path: `/invoices/${invoiceId}`, accessToken }],
      [
        'cancelling the order of somebody else',
        { method: 'POST', path: `/orders/${orderId}/cancel`, accessToken },
      ],
      [
        'somebody else by a header',
        {
          path: `/orders/${orderId}`,
          accessToken,
          headers: { 'x-user-id': victim.userId, 'x-user-scopes': 'orders:read' },
        },
      ],
      ['nobody at all', { path: `/orders/${orderId}` }],
      [
        'an expired token',
        { path: '/orders', accessToken: expired.make(victim.accessToken, endedAgo) },
      ],
      [
        'a token with another signature',
        { path: '/orders', accessToken: forged(victim.accessToken, accessToken) },
      ],
      [
        'writing with a token that may read',
        { ...order, accessToken: viewer.accessToken, headers: idempotency },
      ],
      [
        'writing with a key that may read',
        { ...order, headers: { ...idempotency, 'x-api-key': narrowKey } },
      ],
    ];
  }
}

/** What one token says, signed as another. */
function forged(said: string, signed: string): string {
  const [header = '', payload = ''] = said.split('.');
  return `${header}.${payload}.${signed.split('.')[2] ?? ''}`;
}
