import { Inject, Injectable } from '@nestjs/common';
import { RpcError } from '@sallyport/contracts';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { WorkloadJob } from '@sallyport/nest-zero-trust';
import type { Logger } from '@sallyport/observability';
import { toPage } from '@sallyport/persistence';
import type { Page, PageRequest } from '@sallyport/persistence';
import { LOGGER } from './orders.ports';
import type { Money, Order, OrderItem, OrderRequest, Product } from './order';
import { OrderSettlement } from './order-settlement';
import { OrdersRepository } from './orders.repository';
import { ProductsRepository } from './products.repository';
import { RECONCILIATION } from './reconciliation';
import type { Reconciliation } from './reconciliation';
import { WORKLOAD_TRANSACTIONS } from './workload-transactions';
import type { WorkloadTransactions } from './workload-transactions';

/** The cancellation is committed: what follows is the workload's to finish, with the user or without. */
const CANCELLING: WorkloadJob = { job: 'cancel-order', scopes: ['charges:void'] };

/** Decides about an owner's orders. An order, once accepted, is in the end confirmed or cancelled. */
@Injectable()
export class OrdersService {
  constructor(
    private readonly orders: OrdersRepository,
    private readonly products: ProductsRepository,
    private readonly settlement: OrderSettlement,
    @Inject(WORKLOAD_TRANSACTIONS) private readonly transactions: WorkloadTransactions,
    @Inject(RECONCILIATION) private readonly reconciliation: Reconciliation,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  listProducts(): Promise<readonly Product[]> {
    return this.products.list();
  }

  /**
   * Accepts the order, then charges it. It stays pending when billing's answer is not known;
   * repeating the call, with a fresh token, tries the charge again.
   *
   * @throws ServiceError INVALID_ARGUMENT `unknown_product`; ABORTED `idempotency_key_reused` when
   * the owner's key was used for other items.
   */
  async create(
    owner: string,
    request: OrderRequest,
    presentedTransactionToken: string,
  ): Promise<{ order: Order; replayed: boolean }> {
    const earlier = await this.orders.findByKey(owner, request.idempotencyKey);
    const placed = earlier ? undefined : await this.place(owner, request);
    // Neither: a call with the same key that ran at the same time was first.
    const order = earlier ?? placed ?? (await this.getByKey(owner, request.idempotencyKey));
    const replayed = order !== placed;
    if (!sameItems(order.items, request.items)) {
      throw new ServiceError('ABORTED', 'idempotency_key_reused');
    }
    if (order.status !== 'pending') return { order, replayed };
    await this.attempt(order.id, () => this.settlement.charge(order, presentedTransactionToken));
    return { order: await this.get(owner, order.id), replayed };
  }

  /**
   * Cancels the order for good, at once or, when billing does not answer, as soon as it does.
   *
   * @throws ServiceError NOT_FOUND `order_not_found`, also for an order of someone else.
   */
  async cancel(owner: string, orderId: string): Promise<Order> {
    await this.orders.beginCancellation(owner, orderId, this.reconciliation.graceSeconds);
    const order = await this.get(owner, orderId);
    if (order.status !== 'cancelling') return order;
    await this.attempt(orderId, async () =>
      this.settlement.void(orderId, await this.transactions.begin(CANCELLING)),
    );
    return this.get(owner, orderId);
  }

  /** @throws ServiceError NOT_FOUND `order_not_found`, also for an order of someone else. */
  async get(owner: string, orderId: string): Promise<Order> {
    const order = await this.orders.findOwned(owner, orderId);
    if (!order) throw new ServiceError('NOT_FOUND', 'order_not_found');
    return order;
  }

  /** The owner's orders, newest first. */
  async list(owner: string, { size, after }: PageRequest): Promise<Page<Order>> {
    return toPage(await this.orders.listOwned(owner, size + 1, after), size);
  }

  private async place(owner: string, request: OrderRequest): Promise<Order | undefined> {
    const total = await this.price(request.items);
    return this.orders.place(owner, request, total, this.reconciliation.graceSeconds);
  }

  private async getByKey(owner: string, idempotencyKey: string): Promise<Order> {
    const order = await this.orders.findByKey(owner, idempotencyKey);
    if (!order) throw new TypeError('an order that was placed is never deleted');
    return order;
  }

  private async price(items: readonly OrderItem[]): Promise<Money> {
    const products = await this.products.find(items.map(({ sku }) => sku));
    const prices = new Map(products.map(({ sku, price }) => [sku, price]));
    return items.reduce(
      (total, { sku, quantity }) => {
        const price = prices.get(sku);
        if (!price) throw new ServiceError('INVALID_ARGUMENT', 'unknown_product');
        return { ...total, amount: total.amount + price.amount * quantity };
      },
      { amount: 0, currency: 'EUR' },
    );
  }

  /** The failure of billing, or of the token service, is not the order's: it is kept as it stands, for the reconciler. */
  private async attempt(orderId: string, step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const { status, reason } = error;
      this.logger.warn({ event: 'order_unsettled', orderId, status, reason });
    }
  }
}

/** In whatever sequence they were asked for. */
function sameItems(one: readonly OrderItem[], other: readonly OrderItem[]): boolean {
  const quantities = new Map(one.map(({ sku, quantity }) => [sku, quantity]));
  return (
    one.length === other.length &&
    other.every(({ sku, quantity }) => quantities.get(sku) === quantity)
  );
}
