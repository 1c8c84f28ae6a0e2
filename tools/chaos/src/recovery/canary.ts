import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterUnderTest } from '../cluster/cluster-under-test';
import { SERVICES } from '../cluster/parts';
import { isSuccess } from '../load/gateway-client';
import type { Answer, GatewayClient } from '../load/gateway-client';
import type { Credentials } from '../load/session';

const PAUSE_MS = 100;
/** So many in a row, so that a lucky connection is not taken for recovery. */
const GOOD_ROUNDS = 3;

/** What recovery came to. */
export interface Recovery {
  /** From the end of the fault until the first round that was good and was followed by nothing but good ones. */
  readonly afterMs: number;
  /** What was still wrong when the time was up; undefined when nothing was. */
  readonly missing: string | undefined;
  /** What was wrong last before everything worked; undefined when nothing ever was. */
  readonly last: string | undefined;
}

/** Does one of each thing, by itself, until all of it works again. */
export class Canary {
  constructor(
    private readonly cluster: Pick<ClusterUnderTest, 'isReady'>,
    private readonly client: GatewayClient,
    private readonly credentials: Credentials,
    private readonly apiKey: string,
    private readonly sku: string,
  ) {}

  /** @param within how long it is waited for, in milliseconds */
  async recovery(within: number): Promise<Recovery> {
    const since = performance.now();
    let good = 0;
    let firstGoodMs = 0;
    let last: string | undefined;
    for (;;) {
      const missing = await this.#round();
      const passedMs = performance.now() - since;
      if (missing === undefined) {
        good += 1;
        if (good === 1) firstGoodMs = passedMs;
        if (good === GOOD_ROUNDS) return { afterMs: firstGoodMs, missing: undefined, last };
      } else {
        good = 0;
        last = missing;
        if (passedMs > within) return { afterMs: passedMs, missing, last };
      }
      await delay(PAUSE_MS);
    }
  }

  /** What did not work, in words; undefined when everything did. */
  async #round(): Promise<string | undefined> {
    const ready = await Promise.all(SERVICES.map((service) => this.cluster.isReady(service)));
    const unready = SERVICES.filter((_service, index) => ready[index] !== true);
    if (unready.length > 0) return `${unready.join(', ')} not ready`;

    const { credentials, client } = this;
    const login = await this.#post('/auth/login', { json: credentials });
    if (!isSuccess(login)) return said('login', login);
    const refreshed = await this.#post('/auth/refresh', {
      headers: { cookie: login.cookie ?? '' },
    });
    if (!isSuccess(refreshed)) return said('refresh', refreshed);
    const accessToken = String(refreshed.json['access_token']);
    const placed = await this.#post('/orders', {
      accessToken,
      headers: { 'idempotency-key': randomUUID() },
      json: { items: [{ sku: this.sku, quantity: 1 }] },
    });
    if (!isSuccess(placed)) return said('place order', placed);
    if (placed.json['status'] !== 'confirmed') return 'place order: not charged';
    const orderPath = `/orders/${String(placed.json['id'])}`;
    const reads = await Promise.all([
      client.ask('canary', { path: orderPath, accessToken }),
      client.ask('canary', { path: '/invoices?limit=1', accessToken }),
      client.ask('canary', { path: '/auth/me', accessToken }),
      client.ask('canary', { path: '/orders?limit=1', headers: { 'x-api-key': this.apiKey } }),
    ]);
    const failed = reads.findIndex((answer) => !isSuccess(answer));
    const names = ['read order', 'list invoices', 'read account', 'use API key'];
    if (failed >= 0) return said(names[failed] ?? '', reads[failed] as Answer);
    const cancelled = await this.#post(`${orderPath}/cancel`, { accessToken });
    if (!isSuccess(cancelled)) return said('cancel order', cancelled);
    if (cancelled.json['status'] !== 'cancelled') return 'cancel order: not settled';
    const out = await this.#post('/auth/logout', {
      headers: { cookie: refreshed.cookie ?? '' },
    });
    return isSuccess(out) ? undefined : said('log out', out);
  }

  #post(
    path: string,
    rest: Omit<Parameters<GatewayClient['ask']>[1], 'path' | 'method'>,
  ): Promise<Answer> {
    return this.client.ask('canary', { method: 'POST', path, ...rest });
  }
}

function said(operation: string, { status, code }: Answer): string {
  return `${operation}: ${status === 0 ? 'no answer' : `${status} ${code ?? ''}`.trim()}`;
}
