import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { CertificateName } from './certificate-name';
import type { Partner } from './partner';
import { PartnerCredentialsRepository } from './partner-credentials.repository';
import { PartnersRepository } from './partners.repository';

/** A partner that exists from the first start on, for people to try. */
export interface SeedPartner extends Pick<Partner, 'id' | 'name' | 'scopes'> {
  readonly names: readonly CertificateName[];
}

/** Registers partners that a file lists. */
@Injectable()
export class PartnerSeeding {
  constructor(
    private readonly partners: PartnersRepository,
    private readonly credentials: PartnerCredentialsRepository,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Registers those that do not exist; leaves those that do, and names that are taken, as operators have made them. */
  async seed(listed: readonly SeedPartner[]): Promise<void> {
    const createdAt = this.clock();
    for (const { names, ...partner } of listed) {
      await this.database.db.transaction().execute(async (transaction) => {
        if (!(await this.partners.create({ ...partner, createdAt }, transaction))) return;
        for (const name of names) {
          await this.credentials.addName(transaction, name, partner.id, createdAt);
        }
      });
    }
  }
}
