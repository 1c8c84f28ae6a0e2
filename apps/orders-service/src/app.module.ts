import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule, type ReadsSecurityEvents } from '@sallyport/audit';
import { ZeroTrustModule, type ServiceTrust } from '@sallyport/nest-zero-trust';
import { OrdersModule } from './orders/orders.module';
import type { OrdersPorts } from './orders/orders.ports';

/** orders-service: its handlers under access control, over its ports. */
@Module({})
export class AppModule {
  static over(
    trust: ServiceTrust,
    ports: OrdersPorts,
    securityEvents: ReadsSecurityEvents,
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ZeroTrustModule.forGrpc(trust),
        OrdersModule.over(ports),
        AuditModule.over(securityEvents),
      ],
    };
  }
}
