import { Module, type DynamicModule } from '@nestjs/common';
import { InvoicesController } from './invoices.controller';
import { DATABASE, type InvoicesPorts } from './invoices.ports';
import { InvoicesRepository } from './invoices.repository';
import { InvoicesService } from './invoices.service';

@Module({
  controllers: [InvoicesController],
  providers: [InvoicesService, InvoicesRepository],
})
export class InvoicesModule {
  static over({ database }: InvoicesPorts): DynamicModule {
    return {
      module: InvoicesModule,
      providers: [{ provide: DATABASE, useValue: database }],
    };
  }
}
