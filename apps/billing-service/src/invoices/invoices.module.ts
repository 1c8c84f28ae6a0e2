import { Module, type DynamicModule } from '@nestjs/common';
import { InvoicesController } from './invoices.controller';
import { DATABASE, SECURITY_EVENTS, type InvoicesPorts } from './invoices.ports';
import { InvoicesRepository } from './invoices.repository';
import { InvoicesService } from './invoices.service';

@Module({
  controllers: [InvoicesController],
  providers: [InvoicesService, InvoicesRepository],
})
export class InvoicesModule {
  static over({ database, events }: InvoicesPorts): DynamicModule {
    return {
      module: InvoicesModule,
      providers: [
        { provide: DATABASE, useValue: database },
        { provide: SECURITY_EVENTS, useValue: events },
      ],
    };
  }
}
