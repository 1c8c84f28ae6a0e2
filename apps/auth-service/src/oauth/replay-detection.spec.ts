import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import type { Provider } from 'oidc-provider';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { clientsOf } from './clients/clients.fixture';

let database: Database<AuthTables>;
let providers: readonly Provider[];
let expiresAt: number;

beforeAll(async () => {
  database = await openAuthDatabase();
  const replicas = [await clientsOf(database), await clientsOf(database)];
  // Before anything is asked: what one of them does first must not keep the others waiting.
  providers = await Promise.all(replicas.map(({ server }) => server.provider()));
  expiresAt = (replicas[0]?.clock.epochSeconds ?? 0) + 60;
});

afterAll(() => database.close());

/** What the library asks before it takes an assertion or a proof, at each replica in turn. */
const isFirst = (clientId: string, jti: string, turn = 0): Promise<boolean> =>
  (providers[turn % 2] as Provider).ReplayDetection.unique(clientId, jti, expiresAt);

describe('an id that a client uses once', () => {
  it('is refused to all but one of many at the same time', async () => {
    const jti = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, turn) => isFirst('client', jti, turn)),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await isFirst('client', jti)).toBe(false);
  });

  it('is of that client alone', async () => {
    const jti = randomUUID();
    expect(await isFirst('a', `b${jti}`)).toBe(true);
    expect(await isFirst('ab', jti)).toBe(true);
    expect(await isFirst('a', `b${jti}`)).toBe(false);
  });
});
