import { Module, type DynamicModule } from '@nestjs/common';
import type { ServiceTrust } from '@sallyport/nest-zero-trust';
import { OauthModule } from '../oauth/oauth.module';
import { ExchangeController } from './exchange.controller';
import { ExchangeService } from './exchange.service';
import { TransactionTrust } from './transaction-trust';
import { DECLARED_JOBS, WORKLOAD_JOBS } from './workload-jobs';

/** The transaction token service of the trust domain. */
@Module({})
export class TransactionTokensModule {
  static over(trust: ServiceTrust): DynamicModule {
    return {
      module: TransactionTokensModule,
      imports: [OauthModule],
      controllers: [ExchangeController],
      providers: [
        ExchangeService,
        { provide: TransactionTrust, useFactory: () => new TransactionTrust(trust) },
        { provide: WORKLOAD_JOBS, useValue: DECLARED_JOBS },
      ],
    };
  }
}
