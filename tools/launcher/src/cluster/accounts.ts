/** An account that exists from the first start on. */
export interface AccountSeed {
  readonly email: string;
  /** What the account is for, as the table of `npm start` says it. */
  readonly role: string;
  readonly scopes: readonly string[];
}

/** A seeded account with its generated password. */
export interface SeededAccount extends AccountSeed {
  readonly password: string;
}

const CUSTOMER_SCOPES = [
  'orders:read',
  'orders:write',
  'billing:read',
  'billing:refund',
  'api-keys:manage',
] as const;

/** One account per role, for people and tests to try. */
export const LOCAL_ACCOUNTS = [
  { email: 'alice@example.com', role: 'customer', scopes: CUSTOMER_SCOPES },
  { email: 'bob@example.com', role: 'customer', scopes: CUSTOMER_SCOPES },
  {
    email: 'viewer@example.com',
    role: 'read-only viewer',
    scopes: ['orders:read', 'billing:read'],
  },
  {
    email: 'operator@example.com',
    role: 'operator',
    scopes: ['keys:manage', 'accounts:manage', 'clients:manage', 'audit:read'],
  },
] as const satisfies readonly AccountSeed[];
