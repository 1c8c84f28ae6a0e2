import { Module, type DynamicModule } from '@nestjs/common';
import { BILLING } from './billing';
import { OrderReconciler } from './order-reconciler';
import { OrderSettlement } from './order-settlement';
import { OrdersController } from './orders.controller';
import { DATABASE, LOGGER, type OrdersPorts } from './orders.ports';
import { OrdersRepository } from './orders.repository';
import { OrdersService } from './orders.service';
import { ProductsRepository } from './products.repository';
import { RECONCILIATION } from './reconciliation';

@Module({
  controllers: [OrdersController],
  providers: [
    OrdersService,
    OrderSettlement,
    OrderReconciler,
    OrdersRepository,
    ProductsRepository,
  ],
})
export class OrdersModule {
  static over({ database, logger, billing, reconciliation }: OrdersPorts): DynamicModule {
    return {
      module: OrdersModule,
      providers: [
        { provide: DATABASE, useValue: database },
        { provide: LOGGER, useValue: logger },
        { provide: BILLING, useValue: billing },
        { provide: RECONCILIATION, useValue: reconciliation },
      ],
    };
  }
}
