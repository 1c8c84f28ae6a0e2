import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '@sallyport/nest-zero-trust';
import { Describe } from '../docs/describe.decorator';
import { ServedOn } from '../listener/served-on.decorator';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { ORDERS_CLIENT, type OrdersClient } from '../upstream/upstream-clients';
import { Catalogue, productView, type ProductView } from './product.view';

/** The catalogue. */
@ApiTags('products')
@Controller('products')
@ServedOn('public', 'partner')
export class ProductsController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(ORDERS_CLIENT) private readonly orders: OrdersClient,
  ) {}

  @Get()
  @Public()
  @Describe({ summary: 'List the catalogue', answers: { 200: Catalogue } })
  async list(@CurrentRequest() context: RequestContext): Promise<{ items: ProductView[] }> {
    const { products } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.read, (options) =>
      this.orders.listProducts({}, options),
    );
    return { items: products.map(productView) };
  }
}
