import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireScopes } from '@sallyport/nest-zero-trust';
import { Describe } from '../docs/describe.decorator';
import { ServedOn } from '../listener/served-on.decorator';
import { pageOf, PageQuery, pageRequest, type Page } from '../upstream/page';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { BILLING_CLIENT, type BillingClient } from '../upstream/upstream-clients';
import { Invoice, InvoicePage, invoiceView, type InvoiceView } from './invoice.view';

/** The calling user's invoices. */
@ApiTags('invoices')
@Controller('invoices')
@ServedOn('public', 'partner')
export class InvoicesController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(BILLING_CLIENT) private readonly billing: BillingClient,
  ) {}

  @Get()
  @RequireScopes('billing:read')
  @Describe({
    summary: 'List the own invoices, newest first',
    answers: { 200: InvoicePage },
    problems: { 400: ['page_token_invalid'] },
  })
  async list(
    @Query() query: PageQuery,
    @CurrentRequest() context: RequestContext,
  ): Promise<Page<InvoiceView>> {
    const { invoices, nextPageToken } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.read,
      (options) => this.billing.listInvoices(pageRequest(query), options),
    );
    return pageOf(invoices.map(invoiceView), nextPageToken);
  }

  @Get(':id')
  @RequireScopes('billing:read')
  @Describe({
    summary: 'Read an own invoice',
    answers: { 200: Invoice },
    problems: { 404: ['invoice_not_found'] },
  })
  async read(
    @Param('id') id: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<InvoiceView> {
    const { invoice } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.read, (options) =>
      this.billing.getInvoice({ id }, options),
    );
    return invoiceView(invoice);
  }
}
