import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { EmailAddress } from '../accounts/email-address';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';

/** Somebody asks for an account for an address. */
export interface RegistrationRequest {
  readonly email: EmailAddress;
  readonly clientAddress: string | undefined;
  readonly correlationId: string | undefined;
}

/** Stores what was asked for until it is looked at: some moments. */
@Injectable()
export class RegistrationRequestsRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  async add(
    { email, clientAddress, correlationId }: RegistrationRequest,
    now: Date,
  ): Promise<void> {
    await this.database.db
      .insertInto('registration_requests')
      .values({
        email,
        client_address: clientAddress ?? null,
        correlation_id: correlationId ?? null,
        requested_at: now,
      })
      .execute();
  }

  /** Takes the oldest one that no other replica is looking at; it is there again when the transaction fails. */
  async take(connection: AuthConnection): Promise<RegistrationRequest | undefined> {
    const row = await connection
      .deleteFrom('registration_requests')
      .where('id', '=', (query) =>
        query
          .selectFrom('registration_requests')
          .select('id')
          .orderBy('id')
          .limit(1)
          .forUpdate()
          .skipLocked(),
      )
      .returningAll()
      .executeTakeFirst();
    return (
      row && {
        // Only parsed addresses are ever stored.
        email: row.email as EmailAddress,
        clientAddress: row.client_address ?? undefined,
        correlationId: row.correlation_id ?? undefined,
      }
    );
  }
}
