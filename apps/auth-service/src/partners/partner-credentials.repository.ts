import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { Selectable } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';
import type { CertificateName } from './certificate-name';
import type { PartnerCertificatesTable, PartnerNamesTable } from './partners.tables';

/** A certificate to register. */
export interface NewPartnerCertificate {
  readonly thumbprint: string;
  readonly partnerId: string;
  readonly expiresAt: Date;
  readonly addedAt: Date;
}

/** Stores what partners are known by: thumbprints of certificates, or names in them. */
@Injectable()
export class PartnerCredentialsRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  async findCertificate(
    thumbprint: string,
    connection: AuthConnection = this.database.db,
  ): Promise<Selectable<PartnerCertificatesTable> | undefined> {
    return connection
      .selectFrom('partner_certificates')
      .selectAll()
      .where('thumbprint', '=', thumbprint)
      .executeTakeFirst();
  }

  /** Of one partner, or of all; the first added first. */
  async liveCertificates(
    partnerId?: string,
    connection: AuthConnection = this.database.db,
  ): Promise<readonly Selectable<PartnerCertificatesTable>[]> {
    return connection
      .selectFrom('partner_certificates')
      .selectAll()
      .where('revoked_at', 'is', null)
      .$if(partnerId !== undefined, (query) => query.where('partner_id', '=', partnerId ?? null))
      .orderBy('added_at')
      .orderBy('thumbprint')
      .execute();
  }

  /** False when the thumbprint is stored already, live or revoked. */
  async addCertificate(
    transaction: AuthConnection,
    { thumbprint, partnerId, expiresAt, addedAt }: NewPartnerCertificate,
  ): Promise<boolean> {
    const { numInsertedOrUpdatedRows = 0n } = await transaction
      .insertInto('partner_certificates')
      .values({ thumbprint, partner_id: partnerId, expires_at: expiresAt, added_at: addedAt })
      .onConflict((conflict) => conflict.column('thumbprint').doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }

  /** Whether or not it was ever registered; resolves with the partner it was registered for. */
  async revokeCertificate(
    transaction: AuthConnection,
    thumbprint: string,
    now: Date,
  ): Promise<string | undefined> {
    const { partner_id } = await transaction
      .insertInto('partner_certificates')
      .values({ thumbprint, partner_id: null, expires_at: null, added_at: now, revoked_at: now })
      .onConflict((conflict) =>
        conflict.column('thumbprint').doUpdateSet((each) => ({
          revoked_at: each.fn.coalesce('partner_certificates.revoked_at', each.val(now)),
        })),
      )
      .returning('partner_id')
      .executeTakeFirstOrThrow();
    return partner_id ?? undefined;
  }

  /** Of one partner, or of all. */
  async names(
    partnerId?: string,
    connection: AuthConnection = this.database.db,
  ): Promise<readonly Selectable<PartnerNamesTable>[]> {
    return connection
      .selectFrom('partner_names')
      .selectAll()
      .$if(partnerId !== undefined, (query) => query.where('partner_id', '=', partnerId ?? ''))
      .orderBy('name')
      .execute();
  }

  /** False when a partner has the name already. */
  async addName(
    transaction: AuthConnection,
    name: CertificateName,
    partnerId: string,
    now: Date,
  ): Promise<boolean> {
    const { numInsertedOrUpdatedRows = 0n } = await transaction
      .insertInto('partner_names')
      .values({ name, partner_id: partnerId, added_at: now })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }

  /** False when the partner has no such name. */
  async removeName(
    transaction: AuthConnection,
    name: CertificateName,
    partnerId: string,
  ): Promise<boolean> {
    const { numDeletedRows } = await transaction
      .deleteFrom('partner_names')
      .where('name', '=', name)
      .where('partner_id', '=', partnerId)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }
}
