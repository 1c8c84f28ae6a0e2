import type { Generated } from 'kysely';
import type { MailKind } from './mail-kind';

export interface MailsTable {
  id: string;
  /** Null where there is no account; then there is an address. */
  account_id: string | null;
  address: Generated<string | null>;
  kind: MailKind;
  /** With the columns that name its seal; null when nothing in the mail is secret. */
  sealed_secret: Buffer | null;
  sealing_key_id: string | null;
  sealing_algorithm: string | null;
  created_at: Date;
  /** When it is tried next. */
  due_at: Date;
  /** From when on it is of no use. */
  expires_at: Date;
  attempts: Generated<number>;
}
