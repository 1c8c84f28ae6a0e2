import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { correlationId } from '@sallyport/observability';
import type { SecurityEvent, SecurityEvents } from '@sallyport/observability';
import { toPage } from '@sallyport/persistence';
import type { Page, PageRequest } from '@sallyport/persistence';
import { ownerOf } from '@sallyport/principal';
import type { Principal } from '@sallyport/principal';
import { BARRED } from './invoice';
import type { ChargeTerms, Invoice } from './invoice';
import { SECURITY_EVENTS } from './invoices.ports';
import { InvoicesRepository } from './invoices.repository';

/**
 * Decides about charges: an order is charged at most once, and once voided, refunded or barred never
 * again. What was charged is returned at most once, by a void or by a refund.
 */
@Injectable()
export class InvoicesService {
  constructor(
    private readonly invoices: InvoicesRepository,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Charges the owner for an order, or returns the invoice of the first time.
   *
   * @throws ServiceError FAILED_PRECONDITION `charge_voided` when the charge was voided or barred;
   * ABORTED `charge_terms_differ` when the order is charged to someone else or for another amount.
   */
  async charge(owner: string, orderId: string, terms: ChargeTerms): Promise<Invoice> {
    const charge = await this.invoices.charge(orderId, owner, terms);
    if (charge === BARRED || charge.status === 'voided') {
      throw new ServiceError('FAILED_PRECONDITION', 'charge_voided');
    }
    const sameTerms = charge.amount === terms.amount && charge.currency === terms.currency;
    if (charge.owner !== owner || !sameTerms) {
      throw new ServiceError('ABORTED', 'charge_terms_differ');
    }
    return charge;
  }

  /** The order's invoice, whatever became of it. Undefined says that it has none and now never will have. */
  async resolve(orderId: string): Promise<Invoice | undefined> {
    const charge = await this.invoices.bar(orderId);
    return charge === BARRED ? undefined : charge;
  }

  /** The order's invoice, now voided unless it was refunded before. Undefined says that it has none and now never will have. */
  async void(orderId: string): Promise<Invoice | undefined> {
    const charge = await this.invoices.void(orderId);
    return charge === BARRED ? undefined : charge;
  }

  /**
   * Returns the whole charge of the owner's invoice. The invoice is the key of the request: repeating
   * it answers with the refund of the first time.
   *
   * @throws ServiceError NOT_FOUND `invoice_not_found`, also for an invoice of someone else;
   * FAILED_PRECONDITION `invoice_not_refundable` when the charge was voided.
   */
  async refund(principal: Principal, invoiceId: string): Promise<Invoice> {
    const owner = ownerOf(principal);
    const refunded = await this.invoices.refund(owner, invoiceId);
    const invoice = refunded ?? (await this.get(owner, invoiceId));
    if (invoice.status !== 'refunded') {
      this.record(principal, 'refused', 'invoice_not_refundable');
      throw new ServiceError('FAILED_PRECONDITION', 'invoice_not_refundable');
    }
    if (refunded) this.record(principal, 'succeeded', 'invoice_refunded');
    return invoice;
  }

  /** @throws ServiceError NOT_FOUND `invoice_not_found`, also for an invoice of someone else. */
  async get(owner: string, invoiceId: string): Promise<Invoice> {
    const invoice = await this.invoices.findOwned(owner, invoiceId);
    if (!invoice) throw new ServiceError('NOT_FOUND', 'invoice_not_found');
    return invoice;
  }

  /** The owner's invoices, newest first. */
  async list(owner: string, { size, after }: PageRequest): Promise<Page<Invoice>> {
    return toPage(await this.invoices.listOwned(owner, size + 1, after), size);
  }

  private record(
    { id: principal, sessionId: session }: Principal,
    outcome: SecurityEvent['outcome'],
    reason: 'invoice_refunded' | 'invoice_not_refundable',
  ): void {
    const event = { type: 'invoice', outcome, reason, principal, session } as const;
    this.events.record({ correlationId: correlationId(), ...event });
  }
}
