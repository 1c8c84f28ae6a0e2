import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { newCredentials, type GatewayClient, type SignedIn } from '../gateway-client';

/** What the customers saw. */
export interface ShopResult {
  readonly requests: number;
  /** Answered at the second or a later attempt, as the contract says: same key, after a while. With what it was first. */
  readonly retried: readonly string[];
  /** Never answered. */
  readonly failed: readonly string[];
  /** Ids of the orders that were acknowledged, with who placed them. */
  readonly orders: ReadonlyMap<string, SignedIn>;
  readonly seconds: number;
}

const CUSTOMERS = 4;
const PAUSE_MS = 150;
/** Signing in costs a hash that is meant to be expensive. */
const ORDERS_PER_SESSION = 30;
const ATTEMPTS = 40;
const RETRY_AFTER_MS = 500;

/** What may be tried again: no answer, or one that says that it was not done. */
const MAY_BE_RETRIED =
  /answered (?:502|503|504)|fetch failed|other side closed|ECONN|terminated|UND_ERR/;

/** Customers who sign in, order and read what they ordered, one request after the other, until they are told to stop. */
export class ShopLoad {
  readonly #retried: string[] = [];
  readonly #failed: string[] = [];
  readonly #orders = new Map<string, SignedIn>();
  readonly #startedAt = performance.now();
  readonly #customers: Promise<void>[];
  #requests = 0;
  #isOver = false;

  private constructor(
    private readonly client: GatewayClient,
    private readonly sku: string,
  ) {
    this.#customers = Array.from({ length: CUSTOMERS }, () => this.#shop());
  }

  static async start(client: GatewayClient): Promise<ShopLoad> {
    const { items } = (await client.get('/products')) as { items: readonly { sku: string }[] };
    return new ShopLoad(client, items[0]?.sku ?? '');
  }

  get progress(): string {
    return `${this.#requests} requests, ${this.#retried.length} retried, ${this.#failed.length} failed, ${this.#orders.size} orders`;
  }

  async stop(): Promise<ShopResult> {
    this.#isOver = true;
    await Promise.all(this.#customers);
    return {
      requests: this.#requests,
      retried: this.#retried,
      failed: this.#failed,
      orders: this.#orders,
      seconds: (performance.now() - this.#startedAt) / 1_000,
    };
  }

  async #shop(): Promise<void> {
    const credentials = newCredentials();
    await this.#ask('register', () => this.client.register(credentials));
    while (!this.#hasEnded()) {
      const session = await this.#ask('log in', () => this.client.logIn(credentials));
      if (session === undefined) continue;
      for (let turn = 0; turn < ORDERS_PER_SESSION; turn += 1) {
        if (this.#hasEnded()) return;
        await this.#order(session);
      }
    }
  }

  /** Others end it, which the compiler does not see. */
  #hasEnded(): boolean {
    return this.#isOver;
  }

  async #order(session: SignedIn): Promise<void> {
    const headers = { 'idempotency-key': randomUUID() };
    const order = { items: [{ sku: this.sku, quantity: 1 }] };
    const placed = await this.#ask('order', () =>
      this.client.post('/orders', session.accessToken, order, headers),
    );
    if (placed === undefined) return;
    const { id } = placed as { id: string };
    this.#orders.set(id, session);
    await this.#ask('read', () => this.client.get(`/orders/${id}`, session.accessToken));
    await this.#ask('invoices', () => this.client.get('/invoices?limit=1', session.accessToken));
    await delay(PAUSE_MS);
  }

  /** Undefined when it failed for good. */
  async #ask<Answer>(what: string, call: () => Promise<Answer>): Promise<Answer | undefined> {
    this.#requests += 1;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await call();
        return answer;
      } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        const seen = `${what}: ${String(error)} ${cause === error ? '' : String(cause)}`.trim();
        if (attempt === 1) this.#retried.push(seen);
        if (MAY_BE_RETRIED.test(seen) && attempt < ATTEMPTS) {
          await delay(RETRY_AFTER_MS);
          continue;
        }
        if (attempt === 1) this.#retried.pop();
        this.#failed.push(seen);
        return undefined;
      }
    }
  }
}
