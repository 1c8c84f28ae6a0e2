import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { EmailAddress } from '../accounts/email-address';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import type { MailKind } from './mail-kind';
import type { MailsTable } from './mails.tables';

/** A mail to an account, or to an address that has none. */
export type NewMail = NewMailContent &
  (
    | { readonly accountId: string; readonly address?: never }
    | { readonly address: EmailAddress; readonly accountId?: never }
  );

interface NewMailContent {
  readonly kind: MailKind;
  /** What must not be readable at rest. */
  readonly secret?: string;
  readonly now: Date;
  /** From when on it is of no use. */
  readonly expiresAt: Date;
}

/** A mail that nobody else will try to send for a while. */
export interface DueMail {
  readonly id: string;
  readonly kind: MailKind;
  readonly to: EmailAddress;
  readonly createdAt: Date;
  readonly attempts: number;
}

type Row = Selectable<MailsTable> & { readonly email: string };

/** The first pause after an attempt; each is twice the one before, up to 16 minutes. Longer than an attempt takes. */
const FIRST_PAUSE_SECONDS = 30;

/**
 * Mail to be sent. It is written down in the transaction that makes it necessary, so that neither happens without the
 * other, and kept until somebody has taken it over. A secret in it is sealed meanwhile (R10).
 */
@Injectable()
export class MailOutbox {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
  ) {}

  /** Rejects with SealBroken when a secret cannot be sealed. */
  async add(
    connection: AuthConnection,
    { accountId, address, kind, secret, now, expiresAt }: NewMail,
  ): Promise<void> {
    const id = randomUUID();
    const sealed =
      secret === undefined
        ? undefined
        : await this.encryption.seal(Buffer.from(secret), contextOf(id));
    await connection
      .insertInto('mails')
      .values({
        id,
        account_id: accountId ?? null,
        address: address ?? null,
        kind,
        sealed_secret: sealed?.ciphertext ?? null,
        sealing_key_id: sealed?.keyId ?? null,
        sealing_algorithm: sealed?.algorithm ?? null,
        created_at: now,
        due_at: now,
        expires_at: expiresAt,
      })
      .execute();
  }

  /**
   * Takes the mail that has waited longest and puts it off in the same statement, so that of many replicas one tries it, and
   * another does when that one is gone. `open` gives its secret, empty when it has none, and rejects with SealBroken.
   */
  async claim(
    now: Date,
  ): Promise<(DueMail & { readonly open: () => Promise<string> }) | undefined> {
    const { rows } = await sql<Row>`
      UPDATE mails SET
        attempts = attempts + 1,
        due_at = ${now}::timestamptz
          + make_interval(secs => ${FIRST_PAUSE_SECONDS} * power(2, least(attempts, 5)))
      WHERE mails.id = (
        SELECT id FROM mails WHERE due_at <= ${now} AND expires_at > ${now}
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING mails.*, coalesce(
        mails.address, (SELECT email FROM accounts WHERE accounts.id = mails.account_id)) AS email`.execute(
      this.database.db,
    );
    const [row] = rows;
    if (row === undefined) return undefined;
    return {
      id: row.id,
      kind: row.kind,
      // Only parsed addresses are ever stored.
      to: row.email as EmailAddress,
      createdAt: row.created_at,
      attempts: row.attempts,
      open: () => this.secretOf(row),
    };
  }

  async remove(id: string): Promise<void> {
    await this.database.db.deleteFrom('mails').where('id', '=', id).execute();
  }

  /** Removes mail that is of no use any more, and says which: nobody has taken it over. */
  async removeExpired(now: Date): Promise<readonly Pick<DueMail, 'id' | 'kind' | 'attempts'>[]> {
    return this.database.db
      .deleteFrom('mails')
      .where('expires_at', '<=', now)
      .returning(['id', 'kind', 'attempts'])
      .execute();
  }

  private async secretOf(row: Row): Promise<string> {
    const { id, sealed_secret, sealing_key_id, sealing_algorithm } = row;
    if (sealed_secret === null || sealing_key_id === null || sealing_algorithm === null) return '';
    const sealed = {
      ciphertext: sealed_secret,
      keyId: sealing_key_id,
      algorithm: sealing_algorithm,
    };
    return (await this.encryption.open(sealed, contextOf(id))).toString();
  }
}

function contextOf(id: string): string {
  return `mail ${id}`;
}
