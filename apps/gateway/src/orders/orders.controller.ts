import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { RequireScopes } from '@sallyport/nest-zero-trust';
import type { FastifyReply } from 'fastify';
import { Describe } from '../docs/describe.decorator';
import { ServedOn } from '../listener/served-on.decorator';
import { pageOf, PageQuery, pageRequest, type Page } from '../upstream/page';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { ORDERS_CLIENT, type OrdersClient } from '../upstream/upstream-clients';
import { CreateOrder } from './create-order.dto';
import { IDEMPOTENCY_KEY_HEADER, IdempotencyKey } from './idempotency-key';
import { Order, OrderPage, orderView, type OrderView } from './order.view';

/** The calling user's orders. */
@ApiTags('orders')
@Controller('orders')
@ServedOn('public', 'partner')
export class OrdersController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(ORDERS_CLIENT) private readonly orders: OrdersClient,
  ) {}

  /** Answers 201 when it places the order, 200 when an earlier request with the same key had placed it. */
  @Post()
  @RequireScopes('orders:write')
  @ApiHeader(IDEMPOTENCY_KEY_HEADER)
  @Describe({
    summary: 'Place an order and charge it',
    description:
      '201 when it places the order, 200 when an earlier request with the same key had placed it. The order stays `pending` while billing is away.',
    answers: { 201: Order, 200: Order },
    problems: {
      400: [
        'idempotency_key_required',
        'idempotency_key_invalid',
        'unknown_product',
        'duplicate_product',
      ],
      409: ['idempotency_key_reused'],
    },
  })
  async create(
    @IdempotencyKey() idempotencyKey: string,
    @Body() { items }: CreateOrder,
    @CurrentRequest() context: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderView> {
    const { order, replayed } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) => this.orders.createOrder({ idempotencyKey, items }, options),
    );
    const view = orderView(order);
    reply.code(replayed ? 200 : 201).header('location', `/orders/${view.id}`);
    return view;
  }

  @Get()
  @RequireScopes('orders:read')
  @Describe({
    summary: 'List the own orders, newest first',
    answers: { 200: OrderPage },
    problems: { 400: ['page_token_invalid'] },
  })
  async list(
    @Query() query: PageQuery,
    @CurrentRequest() context: RequestContext,
  ): Promise<Page<OrderView>> {
    const { orders, nextPageToken } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.read,
      (options) => this.orders.listOrders(pageRequest(query), options),
    );
    return pageOf(orders.map(orderView), nextPageToken);
  }

  @Get(':id')
  @RequireScopes('orders:read')
  @Describe({
    summary: 'Read an own order',
    answers: { 200: Order },
    problems: { 404: ['order_not_found'] },
  })
  async read(
    @Param('id') id: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<OrderView> {
    const { order } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.read, (options) =>
      this.orders.getOrder({ id }, options),
    );
    return orderView(order);
  }

  /** Repeating it is harmless. `cancelling` until billing has confirmed that nothing is charged. */
  @Post(':id/cancel')
  @HttpCode(200)
  @RequireScopes('orders:write')
  @Describe({
    summary: 'Cancel an own order and void its charge',
    description:
      'Repeating it is harmless. `cancelling` until billing has confirmed that nothing is charged.',
    answers: { 200: Order },
    problems: { 404: ['order_not_found'] },
  })
  async cancel(
    @Param('id') id: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<OrderView> {
    const { order } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.orders.cancelOrder({ id }, options),
    );
    return orderView(order);
  }
}
