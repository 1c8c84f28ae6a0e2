import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { History } from '../history/history';
import { isSuccess, isWorthRepeating } from './gateway-client';
import type { Answer } from './gateway-client';
import type { Random } from './random';
import type { Session } from './session';
import { persist } from './session';

const PAUSE_MS = { least: 60, most: 260 };
const REFRESH_EVERY_MS = 12_000;
const REMEMBERED_ORDERS = 20;

/** A customer who places orders, reads them, cancels some, and does not give up when an answer is lost. */
export class Shopper {
  readonly #orders: string[] = [];
  #refreshedAt = performance.now();

  constructor(
    readonly session: Session,
    private readonly history: History,
    private readonly random: Random,
    private readonly skus: readonly string[],
  ) {}

  async run(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      await this.#act(stopping);
      if (performance.now() - this.#refreshedAt > REFRESH_EVERY_MS) {
        await this.session.refresh();
        this.#refreshedAt = performance.now();
      }
      await delay(this.random.between(PAUSE_MS.least, PAUSE_MS.most));
    }
  }

  async #act(stopping: AbortSignal): Promise<void> {
    const dice = this.random.next();
    const orderId = this.random.of(this.#orders);
    if (dice < 0.4 || orderId === undefined) await this.#place(stopping);
    else if (dice < 0.6) await this.session.ask('read order', { path: `/orders/${orderId}` });
    else if (dice < 0.75) await this.session.ask('list orders', { path: '/orders?limit=5' });
    else if (dice < 0.9) await this.session.ask('list invoices', { path: '/invoices?limit=5' });
    else await this.#cancel(orderId, stopping);
  }

  async #place(stopping: AbortSignal): Promise<void> {
    const key = randomUUID();
    const sku = this.random.of(this.skus) ?? '';
    const items = [{ sku, quantity: 1 + Math.floor(this.random.next() * 3) }];
    const headers = { 'idempotency-key': key };
    const answer = await persist(
      () =>
        this.session.ask('place order', {
          method: 'POST',
          path: '/orders',
          headers,
          json: { items },
        }),
      stopping,
    );
    if (answer === undefined || !isSuccess(answer)) return;
    this.#acknowledge(answer, key);
    // Some clients repeat what was answered, which must be the same order.
    if (this.random.next() > 0.1) return;
    const call = { method: 'POST', path: '/orders', headers, json: { items } } as const;
    const again = await this.session.ask('place order', call);
    if (isSuccess(again)) this.#acknowledge(again, key);
  }

  #acknowledge({ json, answeredAt }: Answer, key: string): void {
    const orderId = String(json['id']);
    const owner = `user:${this.session.userId}`;
    this.history.orders.push({
      at: answeredAt,
      owner,
      key,
      orderId,
      status: String(json['status']),
    });
    this.#orders.push(orderId);
    if (this.#orders.length > REMEMBERED_ORDERS) this.#orders.shift();
  }

  async #cancel(orderId: string, stopping: AbortSignal): Promise<void> {
    this.#orders.splice(this.#orders.indexOf(orderId), 1);
    const at = performance.now();
    this.history.cancellations.push({ at, orderId, acknowledged: false });
    const answer = await persist(
      () => this.session.ask('cancel order', { method: 'POST', path: `/orders/${orderId}/cancel` }),
      stopping,
    );
    if (answer === undefined || isWorthRepeating(answer) || !isSuccess(answer)) return;
    this.history.cancellations.push({ at: answer.answeredAt, orderId, acknowledged: true });
  }
}
