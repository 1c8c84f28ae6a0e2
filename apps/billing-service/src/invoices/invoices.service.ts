import { Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { toPage } from '@sallyport/persistence';
import type { Page, PageRequest } from '@sallyport/persistence';
import { BARRED } from './invoice';
import type { ChargeTerms, Invoice } from './invoice';
import { InvoicesRepository } from './invoices.repository';

/** Decides about charges: an order is charged at most once, and once voided or barred never again. */
@Injectable()
export class InvoicesService {
  constructor(private readonly invoices: InvoicesRepository) {}

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

  /** The order's invoice, paid or voided. Undefined says that it has none and now never will have. */
  async resolve(orderId: string): Promise<Invoice | undefined> {
    const charge = await this.invoices.bar(orderId);
    return charge === BARRED ? undefined : charge;
  }

  /** The order's invoice, now voided. Undefined says that it has none and now never will have. */
  async void(orderId: string): Promise<Invoice | undefined> {
    const charge = await this.invoices.void(orderId);
    return charge === BARRED ? undefined : charge;
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
}
