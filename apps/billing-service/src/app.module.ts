import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule, type ReadsSecurityEvents } from '@sallyport/audit';
import { ZeroTrustModule, type ServiceTrust } from '@sallyport/nest-zero-trust';
import { InvoicesModule } from './invoices/invoices.module';
import type { InvoicesPorts } from './invoices/invoices.ports';

/** billing-service: its handlers under access control, over its ports. */
@Module({})
export class AppModule {
  static over(
    trust: ServiceTrust,
    ports: InvoicesPorts,
    securityEvents: ReadsSecurityEvents,
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ZeroTrustModule.forGrpc(trust),
        InvoicesModule.over(ports),
        AuditModule.over(securityEvents),
      ],
    };
  }
}
