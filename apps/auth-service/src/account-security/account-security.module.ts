import { Module } from '@nestjs/common';
import { auditTablesOf, OwnEvents } from '@sallyport/audit';
import { repeated } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { AccountsModule } from '../accounts/accounts.module';
import { DATABASE, LOGGER } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { SecondFactorsModule } from '../mfa/second-factors.module';
import { RevocationsModule } from '../revocations/revocations.module';
import { SessionsModule } from '../sessions/sessions.module';
import { AccountSecurityController } from './account-security.controller';
import { AccountSecuring } from './account-securing';
import { CompromisedAccounts } from './compromised-accounts.service';
import { NotMeLinkPruning } from './not-me-link-pruning';
import { NotMePagesController } from './not-me-pages.controller';
import { OWN_EVENTS } from './own-events.token';

/** What people are told about the security of their account, and how it is taken back from somebody else. */
@Module({
  imports: [AccountsModule, SessionsModule, RevocationsModule, SecondFactorsModule],
  controllers: [AccountSecurityController, NotMePagesController],
  providers: [
    AccountSecuring,
    ...repeated(NotMeLinkPruning, LOGGER),
    CompromisedAccounts,
    {
      provide: OWN_EVENTS,
      inject: [DATABASE],
      useFactory: (database: Database<AuthTables>) => new OwnEvents(auditTablesOf(database)),
    },
  ],
  exports: [CompromisedAccounts, OWN_EVENTS],
})
export class AccountSecurityModule {}
