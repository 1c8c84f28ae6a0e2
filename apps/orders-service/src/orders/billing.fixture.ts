import { randomUUID } from 'node:crypto';
import { billingV1, RpcError } from '@sallyport/contracts';
import type { CallOptions, ErasedMethod, RpcTransport } from '@sallyport/contracts';

const { INVOICE_STATUS_PAID: PAID, INVOICE_STATUS_VOIDED: VOIDED } = billingV1.InvoiceStatus;

export type BillingMethod = 'chargeOrder' | 'resolveOrderCharge' | 'voidOrderCharge';

/** The side of billing that orders-service calls. Rejects with RpcError, as a call over the wire does. */
export interface BillingBackend {
  chargeOrder(
    request: billingV1.ChargeOrderRequest,
    transactionToken: string | undefined,
  ): Promise<billingV1.ChargeOrderResponse>;
  resolveOrderCharge(
    request: billingV1.ResolveOrderChargeRequest,
  ): Promise<billingV1.ResolveOrderChargeResponse>;
  voidOrderCharge(
    request: billingV1.VoidOrderChargeRequest,
  ): Promise<billingV1.VoidOrderChargeResponse>;
}

/** What happens to one call: it may deliver the request, late or never, and answer as it likes. */
export type Script = (deliver: () => Promise<Uint8Array>) => Promise<Uint8Array>;

export const lostRequest: Script = () =>
  Promise.reject(new RpcError('UNAVAILABLE', 'connection_lost'));

export const lostReply: Script = async (deliver) => {
  await deliver();
  throw new RpcError('DEADLINE_EXCEEDED', 'deadline_exceeded');
};

/** Carries calls to a backend, and does to each what the next script for its method says. */
export class ScriptedTransport implements RpcTransport {
  readonly calls: { readonly method: string; readonly options: CallOptions }[] = [];
  private readonly scripts = new Map<string, Script[]>();

  constructor(private readonly backend: BillingBackend) {}

  script(method: BillingMethod, ...scripts: Script[]): void {
    this.scripts.set(method, scripts);
  }

  async unary(path: string, message: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    const [method, { requestType, responseType }] = methodAt(path);
    this.calls.push({ method, options });
    const deliver = async (): Promise<Uint8Array> => {
      const request = requestType.decode(message) as never;
      const token = options.metadata?.['txn-token'];
      const response = await this.backend[method](request, token);
      return responseType.encode(response as never).finish();
    };
    const script = this.scripts.get(method)?.shift();
    return script ? script(deliver) : deliver();
  }

  close(): void {
    this.scripts.clear();
  }
}

function methodAt(path: string): [BillingMethod, ErasedMethod] {
  const { fullName, methods } = billingV1.BillingServiceDefinition;
  for (const key of ['chargeOrder', 'resolveOrderCharge', 'voidOrderCharge'] as const) {
    if (path === `/${fullName}/${methods[key].name}`) return [key, methods[key]];
  }
  throw new TypeError(`orders-service has no business at ${path}`);
}

/** Billing's contract in a few lines: one order is charged once, or barred, or charged and voided. */
export class InMemoryBilling implements BillingBackend {
  readonly invoices = new Map<string, billingV1.Invoice | undefined>();

  chargeOrder({
    orderId,
    total,
  }: billingV1.ChargeOrderRequest): Promise<billingV1.ChargeOrderResponse> {
    if (!this.invoices.has(orderId)) {
      const id = randomUUID();
      this.invoices.set(orderId, {
        ...{ id, orderId, status: PAID, total },
        ...{ createdAt: new Date(), refundedAt: undefined },
      });
    }
    const invoice = this.invoices.get(orderId);
    return invoice?.status === PAID
      ? Promise.resolve({ invoice })
      : Promise.reject(new RpcError('FAILED_PRECONDITION', 'charge_voided'));
  }

  resolveOrderCharge({
    orderId,
  }: billingV1.ResolveOrderChargeRequest): Promise<billingV1.ResolveOrderChargeResponse> {
    const invoice = this.invoices.get(orderId);
    this.invoices.set(orderId, invoice);
    return Promise.resolve({ invoice });
  }

  voidOrderCharge({
    orderId,
  }: billingV1.VoidOrderChargeRequest): Promise<billingV1.VoidOrderChargeResponse> {
    const charged = this.invoices.get(orderId);
    const invoice = charged && { ...charged, status: VOIDED };
    this.invoices.set(orderId, invoice);
    return Promise.resolve({ invoice });
  }
}

/** A call that stands still, before its request or its reply is delivered, until it is released. */
export class HeldCall {
  /** Settles when the call stands still. */
  readonly reached: Promise<void>;
  private readonly gate: Promise<void>;
  private arrive: () => void = () => undefined;
  private open: () => void = () => undefined;

  constructor(private readonly held: 'request' | 'reply') {
    this.reached = new Promise((resolve) => (this.arrive = resolve));
    this.gate = new Promise((resolve) => (this.open = resolve));
  }

  readonly script: Script = async (deliver) => {
    if (this.held === 'request') {
      await this.standStill();
      return deliver();
    }
    const reply = await deliver();
    await this.standStill();
    return reply;
  };

  release(): void {
    this.open();
  }

  private standStill(): Promise<void> {
    this.arrive();
    return this.gate;
  }
}
