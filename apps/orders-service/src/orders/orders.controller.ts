import { Controller } from '@nestjs/common';
import { ordersV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  CurrentPrincipal,
  PresentedTransactionToken,
  Public,
  RequireScopes,
  RpcMethod,
} from '@sallyport/nest-zero-trust';
import { parsePageRequest } from '@sallyport/persistence';
import { ownerOf } from '@sallyport/principal';
import type { Principal } from '@sallyport/principal';
import type { Order, OrderStatus } from './order';
import { parseOrderId, parseOrderRequest } from './orders.requests';
import { OrdersService } from './orders.service';

/** sallyport.orders.v1.OrdersService on the wire. */
@Controller()
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @RpcMethod(ordersV1.OrdersServiceDefinition, 'listProducts')
  @AllowCallers('gateway')
  @Public()
  async listProducts(): Promise<ordersV1.ListProductsResponse> {
    return { products: [...(await this.orders.listProducts())] };
  }

  @RpcMethod(ordersV1.OrdersServiceDefinition, 'createOrder')
  @AllowCallers('gateway')
  @RequireScopes('orders:write')
  async createOrder(
    request: ordersV1.CreateOrderRequest,
    @CurrentPrincipal() principal: Principal,
    @PresentedTransactionToken() presentedTransactionToken: string,
  ): Promise<ordersV1.CreateOrderResponse> {
    const { order, replayed } = await this.orders.create(
      ownerOf(principal),
      parseOrderRequest(request),
      presentedTransactionToken,
    );
    return { order: toWire(order), replayed };
  }

  @RpcMethod(ordersV1.OrdersServiceDefinition, 'getOrder')
  @AllowCallers('gateway')
  @RequireScopes('orders:read')
  async getOrder(
    request: ordersV1.GetOrderRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<ordersV1.GetOrderResponse> {
    const orderId = parseOrderId(request.id);
    return { order: toWire(await this.orders.get(ownerOf(principal), orderId)) };
  }

  @RpcMethod(ordersV1.OrdersServiceDefinition, 'listOrders')
  @AllowCallers('gateway')
  @RequireScopes('orders:read')
  async listOrders(
    request: ordersV1.ListOrdersRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<ordersV1.ListOrdersResponse> {
    const page = await this.orders.list(ownerOf(principal), parsePageRequest(request));
    return { orders: page.rows.map(toWire), nextPageToken: page.nextPageToken };
  }

  @RpcMethod(ordersV1.OrdersServiceDefinition, 'cancelOrder')
  @AllowCallers('gateway')
  @RequireScopes('orders:write')
  async cancelOrder(
    request: ordersV1.CancelOrderRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<ordersV1.CancelOrderResponse> {
    const orderId = parseOrderId(request.id);
    return { order: toWire(await this.orders.cancel(ownerOf(principal), orderId)) };
  }
}

const WIRE_STATUS: Readonly<Record<OrderStatus, ordersV1.OrderStatus>> = {
  pending: ordersV1.OrderStatus.ORDER_STATUS_PENDING,
  confirmed: ordersV1.OrderStatus.ORDER_STATUS_CONFIRMED,
  cancelling: ordersV1.OrderStatus.ORDER_STATUS_CANCELLING,
  cancelled: ordersV1.OrderStatus.ORDER_STATUS_CANCELLED,
};

function toWire(order: Order): ordersV1.Order {
  return {
    id: order.id,
    status: WIRE_STATUS[order.status],
    items: [...order.items],
    total: order.total,
    invoiceId: order.invoiceId ?? '',
    createdAt: order.createdAt,
  };
}
