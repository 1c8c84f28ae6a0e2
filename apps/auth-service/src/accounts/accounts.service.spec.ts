import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import type { Principal } from '@sallyport/principal';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { accountsOf } from './accounts.fixture';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

describe('AccountsService', () => {
  it.each<[string, (id: string) => Principal]>([
    ['a client of the same id', (id) => ({ id, type: 'client', scopes: new Set() })],
    ['a partner of the same id', (id) => ({ id, type: 'partner', scopes: new Set() })],
    ['a user of another id', () => ({ id: randomUUID(), type: 'user', scopes: new Set() })],
    ['an id that is none', () => ({ id: "' OR true", type: 'user', scopes: new Set() })],
  ])('shows no account to %s', async (_name, principalOf) => {
    const { service, newAccount } = await accountsOf(database);
    const { id } = await newAccount();
    await expect(service.own(principalOf(id))).rejects.toMatchObject({
      status: 'NOT_FOUND',
      reason: 'account_not_found',
    });
  });

  it('shows users their own account', async () => {
    const { service, newAccount } = await accountsOf(database);
    const account = await newAccount();
    await newAccount();
    const principal: Principal = { id: account.id, type: 'user', scopes: new Set() };
    expect(await service.own(principal)).toEqual(account);
  });
});
