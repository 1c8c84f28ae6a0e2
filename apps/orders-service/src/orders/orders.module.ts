import { Module, type DynamicModule } from '@nestjs/common';
import { repeated } from '@sallyport/nest-zero-trust';
import { BILLING } from './billing';
import { OrderReconciler } from './order-reconciler';
import { OrderSettlement } from './order-settlement';
import { OrdersController } from './orders.controller';
import { DATABASE, LOGGER, type OrdersPorts } from './orders.ports';
import { OrdersRepository } from './orders.repository';
import { OrdersService } from './orders.service';
import { ProductsRepository } from './products.repository';
import { RECONCILIATION } from './reconciliation';
import { WORKLOAD_TRANSACTIONS } from './workload-transactions';

@Module({
  controllers: [OrdersController],
  providers: [
    OrdersService,
    OrderSettlement,
    ...repeated(OrderReconciler, LOGGER),
    OrdersRepository,
    ProductsRepository,
  ],
})
export class OrdersModule {
  static over(ports: OrdersPorts): DynamicModule {
    const { database, logger, billing, transactions, reconciliation } = ports;
    return {
      module: OrdersModule,
      providers: [
        { provide: DATABASE, useValue: database },
        { provide: LOGGER, useValue: logger },
        { provide: BILLING, useValue: billing },
        { provide: WORKLOAD_TRANSACTIONS, useValue: transactions },
        { provide: RECONCILIATION, useValue: reconciliation },
      ],
    };
  }
}
