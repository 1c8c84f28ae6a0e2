import type { RevocableKind } from '@sallyport/revocation';
import type { Generated, GeneratedAlways } from 'kysely';

export interface RevocationsTable {
  id: GeneratedAlways<number>;
  kind: RevocableKind;
  revoked_id: string;
  issued_before: Date | null;
  reason: string;
  recorded_at: Date;
  expires_at: Date;
  published_at: Generated<Date | null>;
  is_lasting: GeneratedAlways<boolean>;
}
