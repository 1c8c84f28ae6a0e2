import { Controller } from '@nestjs/common';
import { billingV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  CurrentPrincipal,
  RequireScopes,
  RequireWorkloadTransaction,
  RpcMethod,
} from '@sallyport/nest-zero-trust';
import { parsePageRequest } from '@sallyport/persistence';
import { ownerOf } from '@sallyport/principal';
import type { Principal } from '@sallyport/principal';
import type { Invoice } from './invoice';
import { parseInvoiceId, parseOrderId, parseTerms } from './invoices.requests';
import { InvoicesService } from './invoices.service';

/** sallyport.billing.v1.BillingService on the wire. */
@Controller()
export class InvoicesController {
  constructor(private readonly invoices: InvoicesService) {}

  @RpcMethod(billingV1.BillingServiceDefinition, 'chargeOrder')
  @AllowCallers('orders-service')
  @RequireScopes('orders:write')
  async chargeOrder(
    request: billingV1.ChargeOrderRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<billingV1.ChargeOrderResponse> {
    const orderId = parseOrderId(request.orderId);
    const terms = parseTerms(request.total);
    return { invoice: toWire(await this.invoices.charge(ownerOf(principal), orderId, terms)) };
  }

  @RpcMethod(billingV1.BillingServiceDefinition, 'resolveOrderCharge')
  @AllowCallers('orders-service')
  @RequireWorkloadTransaction('charges:resolve')
  async resolveOrderCharge(
    request: billingV1.ResolveOrderChargeRequest,
  ): Promise<billingV1.ResolveOrderChargeResponse> {
    const invoice = await this.invoices.resolve(parseOrderId(request.orderId));
    return { invoice: invoice && toWire(invoice) };
  }

  @RpcMethod(billingV1.BillingServiceDefinition, 'voidOrderCharge')
  @AllowCallers('orders-service')
  @RequireWorkloadTransaction('charges:void')
  async voidOrderCharge(
    request: billingV1.VoidOrderChargeRequest,
  ): Promise<billingV1.VoidOrderChargeResponse> {
    const invoice = await this.invoices.void(parseOrderId(request.orderId));
    return { invoice: invoice && toWire(invoice) };
  }

  @RpcMethod(billingV1.BillingServiceDefinition, 'getInvoice')
  @AllowCallers('gateway')
  @RequireScopes('billing:read')
  async getInvoice(
    request: billingV1.GetInvoiceRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<billingV1.GetInvoiceResponse> {
    const invoiceId = parseInvoiceId(request.id);
    return { invoice: toWire(await this.invoices.get(ownerOf(principal), invoiceId)) };
  }

  @RpcMethod(billingV1.BillingServiceDefinition, 'listInvoices')
  @AllowCallers('gateway')
  @RequireScopes('billing:read')
  async listInvoices(
    request: billingV1.ListInvoicesRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<billingV1.ListInvoicesResponse> {
    const page = await this.invoices.list(ownerOf(principal), parsePageRequest(request));
    return { invoices: page.rows.map(toWire), nextPageToken: page.nextPageToken };
  }

  @RpcMethod(billingV1.BillingServiceDefinition, 'refundInvoice')
  @AllowCallers('gateway')
  @RequireScopes('billing:refund')
  async refundInvoice(
    request: billingV1.RefundInvoiceRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<billingV1.RefundInvoiceResponse> {
    return { invoice: toWire(await this.invoices.refund(principal, parseInvoiceId(request.id))) };
  }
}

const WIRE_STATUS: Readonly<Record<Invoice['status'], billingV1.InvoiceStatus>> = {
  paid: billingV1.InvoiceStatus.INVOICE_STATUS_PAID,
  voided: billingV1.InvoiceStatus.INVOICE_STATUS_VOIDED,
  refunded: billingV1.InvoiceStatus.INVOICE_STATUS_REFUNDED,
};

function toWire(invoice: Invoice): billingV1.Invoice {
  return {
    id: invoice.id,
    orderId: invoice.orderId,
    status: WIRE_STATUS[invoice.status],
    total: { amount: invoice.amount, currency: invoice.currency },
    createdAt: invoice.createdAt,
    refundedAt: invoice.refundedAt,
  };
}
