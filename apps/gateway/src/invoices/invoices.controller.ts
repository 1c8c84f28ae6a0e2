import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireAuthentication, RequireScopes } from '@sallyport/nest-zero-trust';
import { STRONG } from '../authentication/required-authentication';
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
export class InvoicesController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(BILLING_CLIENT) private readonly billing: BillingClient,
  ) {}

  @Get()
  @ServedOn('public', 'partner')
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
  @ServedOn('public', 'partner')
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

  /** The invoice is the key of the request, so that repeating it answers with the refund there was. */
  @Post(':id/refund')
  @HttpCode(200)
  @RequireScopes('billing:refund')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'Have an own invoice refunded in full',
    description:
      'Repeating it is harmless: an invoice is refunded once. Its order stays as it is, and may still be cancelled.',
    answers: { 200: Invoice },
    problems: { 404: ['invoice_not_found'], 409: ['invoice_not_refundable'] },
  })
  async refund(
    @Param('id') id: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<InvoiceView> {
    const { invoice } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.billing.refundInvoice({ id }, options),
    );
    return invoiceView(invoice);
  }
}
