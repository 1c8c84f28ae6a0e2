import type { Generated } from 'kysely';

export interface AccountsTable {
  id: Generated<string>;
  email: string;
  password_hash: string;
  scopes: string[];
  created_at: Date;
}
