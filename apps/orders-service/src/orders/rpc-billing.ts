import { billingV1, createRpcClient, RpcError } from '@sallyport/contracts';
import type { CallOptions, RpcClient, RpcTransport } from '@sallyport/contracts';
import { TRANSACTION_TOKEN_HEADER } from '@sallyport/principal';
import type { Billing } from './billing';
import type { Order } from './order';

const { INVOICE_STATUS_PAID, INVOICE_STATUS_REFUNDED, INVOICE_STATUS_VOIDED } =
  billingV1.InvoiceStatus;

/** Charged, whether or not the user has asked for the money back since. */
const CHARGED = [INVOICE_STATUS_PAID, INVOICE_STATUS_REFUNDED] as const;
/** The money was returned, by this call or before it. */
const RETURNED = [INVOICE_STATUS_VOIDED, INVOICE_STATUS_REFUNDED] as const;

/** {@link Billing} by sallyport.billing.v1 over a transport that has verified the peer. */
export class RpcBilling implements Billing {
  private readonly client: RpcClient<billingV1.BillingServiceDefinition>;

  constructor(transport: RpcTransport) {
    this.client = createRpcClient(billingV1.BillingServiceDefinition, transport);
  }

  async charge(order: Order, presentedTransactionToken: string): Promise<string | undefined> {
    try {
      const { invoice } = await this.client.chargeOrder(
        { orderId: order.id, total: order.total },
        within(presentedTransactionToken),
      );
      return invoiceIdOf(order.id, invoice, CHARGED);
    } catch (error) {
      if (isChargeVoided(error)) return undefined;
      throw error;
    }
  }

  async resolve(orderId: string, transactionToken: string): Promise<string | undefined> {
    const { invoice } = await this.client.resolveOrderCharge({ orderId }, within(transactionToken));
    if (!invoice || invoice.status === INVOICE_STATUS_VOIDED) return undefined;
    return invoiceIdOf(orderId, invoice, CHARGED);
  }

  async void(orderId: string, transactionToken: string): Promise<string | undefined> {
    const { invoice } = await this.client.voidOrderCharge({ orderId }, within(transactionToken));
    return invoice && invoiceIdOf(orderId, invoice, RETURNED);
  }
}

function within(transactionToken: string): CallOptions {
  return { timeoutMs: 2_000, metadata: { [TRANSACTION_TOKEN_HEADER]: transactionToken } };
}

function isChargeVoided(error: unknown): boolean {
  return (
    error instanceof RpcError &&
    error.status === 'FAILED_PRECONDITION' &&
    error.reason === 'charge_voided'
  );
}

/** A reply that does not say what its rpc promises settles nothing. */
function invoiceIdOf(
  orderId: string,
  invoice: billingV1.Invoice | undefined,
  statuses: readonly billingV1.InvoiceStatus[],
): string {
  if (invoice?.orderId !== orderId || !statuses.includes(invoice.status)) {
    throw new RpcError('INTERNAL', 'billing_reply_invalid');
  }
  return invoice.id;
}
