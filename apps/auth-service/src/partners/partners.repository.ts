import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';
import type { Partner } from './partner';
import type { PartnersTable } from './partners.tables';
import type { PresentedCertificate } from './presented-certificate';

/** What an operator can change of a partner. */
export type PartnerChange = Partial<Pick<Partner, 'scopes' | 'requestsPerMinute' | 'disabledAt'>>;

/** Stores partners. */
@Injectable()
export class PartnersRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** Undefined says that there is a partner of this id already. */
  async create(
    { id, name, scopes, createdAt }: Pick<Partner, 'id' | 'name' | 'scopes' | 'createdAt'>,
    connection: AuthConnection = this.database.db,
  ): Promise<Partner | undefined> {
    const row = await connection
      .insertInto('partners')
      .values({ id, name, scopes: [...scopes], requests_per_minute: null, created_at: createdAt })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returningAll()
      .executeTakeFirst();
    return row && toPartner(row);
  }

  async list(): Promise<readonly Partner[]> {
    const rows = await this.database.db
      .selectFrom('partners')
      .selectAll()
      .orderBy('id')
      .limit(MOST_LISTED)
      .execute();
    return rows.map(toPartner);
  }

  /** The partners a certificate leads to, by its thumbprint while that is live or by one of its names; two at most. */
  async findByCertificate(
    { thumbprint, names }: PresentedCertificate,
    connection: AuthConnection = this.database.db,
  ): Promise<readonly Partner[]> {
    const rows = await connection
      .selectFrom('partners')
      .selectAll()
      .where((each) =>
        each.or([
          each(
            'id',
            'in',
            each
              .selectFrom('partner_certificates')
              .select('partner_id')
              .where('thumbprint', '=', thumbprint)
              .where('revoked_at', 'is', null),
          ),
          each(
            'id',
            'in',
            each
              .selectFrom('partner_names')
              .select('partner_id')
              .where('name', '=', sql<string>`any(${[...names]}::text[])`),
          ),
        ]),
      )
      .limit(2)
      .execute();
    return rows.map(toPartner);
  }

  /** Locks a partner, with all it is known by, until the transaction ends; whoever changes any of it does so first. */
  async lock(transaction: AuthConnection, id: string): Promise<Partner | undefined> {
    const row = await transaction
      .selectFrom('partners')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    return row && toPartner(row);
  }

  /** Keeps a partner as it is until the transaction ends. */
  async keep(transaction: AuthConnection, id: string): Promise<void> {
    await transaction.selectFrom('partners').select('id').where('id', '=', id).forShare().execute();
  }

  /** @param id of a partner that is locked */
  async change(transaction: AuthConnection, id: string, change: PartnerChange): Promise<void> {
    await transaction
      .updateTable('partners')
      .set({
        ...(change.scopes && { scopes: [...change.scopes] }),
        ...('requestsPerMinute' in change && {
          requests_per_minute: change.requestsPerMinute ?? null,
        }),
        ...('disabledAt' in change && { disabled_at: change.disabledAt ?? null }),
      })
      .where('id', '=', id)
      .execute();
  }

  /**
   * Starts an epoch: the next whole second, or the one after the last when that lies ahead still. `iat` has no finer
   * grain, and what is issued meanwhile carries the last epoch as its `iat`.
   *
   * @param id of a partner that is locked
   */
  async startEpoch(transaction: AuthConnection, id: string, now: Date): Promise<Date> {
    const { tokens_valid_from } = await transaction
      .updateTable('partners')
      .set({
        tokens_valid_from: sql<Date>`greatest(
          date_trunc('second', ${now}::timestamptz), tokens_valid_from) + interval '1 second'`,
      })
      .where('id', '=', id)
      .returning('tokens_valid_from')
      .executeTakeFirstOrThrow();
    return tokens_valid_from;
  }
}

/** Partners are added by hand: beyond this a list is of no use to anybody. */
const MOST_LISTED = 10_000;

function toPartner(row: Selectable<PartnersTable>): Partner {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    requestsPerMinute: row.requests_per_minute ?? undefined,
    disabledAt: row.disabled_at ?? undefined,
    tokensValidFrom: row.tokens_valid_from,
    createdAt: row.created_at,
  };
}
