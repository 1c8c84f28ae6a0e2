import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { clientsOf } from './clients/clients.fixture';
import type { ClientsReplica } from './clients/clients.fixture';

let database: Database<AuthTables>;
let replicas: readonly ClientsReplica[];

beforeAll(async () => {
  database = await openAuthDatabase();
  replicas = [await clientsOf(database), await clientsOf(database)];
});

afterAll(() => database.close());

/** What the library asks before it takes an assertion or a proof, at each replica in turn. */
const isFirst = async (clientId: string, jti: string, turn = 0): Promise<boolean> => {
  const replica = replicas[turn % 2] as ClientsReplica;
  const provider = await replica.server.provider();
  const expiresAt = replica.clock.epochSeconds + 60;
  return provider.ReplayDetection.unique(clientId, jti, expiresAt);
};

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
