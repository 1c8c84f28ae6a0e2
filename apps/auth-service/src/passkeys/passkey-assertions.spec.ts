import type { Database } from '@sallyport/persistence';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { newPasskeyOwner, passkeysOf } from './passkeys.fixture';
import type { PasskeyOwner, PasskeysReplica } from './passkeys.fixture';
import type { AssertionAsked } from './passkey-assertions';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

const BOUND_TO = 'the session or sign-in that asks';

interface World {
  readonly replica: PasskeysReplica;
  readonly ada: PasskeyOwner;
  readonly eve: PasskeyOwner;
}

const askedOf = ({ account }: PasskeyOwner, purpose: 'second_factor' | 'step_up') => ({
  purpose,
  account,
  boundTo: BOUND_TO,
});

/** An assertion of one passkey for a challenge, whatever passkeys are asked for. */
async function answered(
  { replica }: World,
  asked: AssertionAsked,
  { authenticator }: PasskeyOwner,
): Promise<string> {
  const { challenge, rpId = '' } = (await replica.assertions.ask(asked)).options;
  return JSON.stringify(authenticator.get({ challenge, rpId }));
}

type Attack = (
  world: World,
  purpose: 'second_factor' | 'step_up',
) => Promise<readonly [credential: string, reason: string]>;

describe.each(['second_factor', 'step_up'] as const)('PasskeyAssertions, as %s', (purpose) => {
  it.each<readonly [name: string, attack: Attack]>([
    [
      'a right assertion of somebody else’s passkey',
      async (world) => [
        await answered(world, askedOf(world.ada, purpose), world.eve),
        'passkey_unknown',
      ],
    ],
    [
      'an answer to a challenge of somebody else',
      async (world) => [
        await answered(world, askedOf(world.eve, purpose), world.ada),
        'passkey_challenge_refused',
      ],
    ],
    [
      'an answer to a challenge for something else',
      async (world) => {
        const other = purpose === 'step_up' ? 'second_factor' : 'step_up';
        const credential = await answered(world, askedOf(world.ada, other), world.ada);
        return [credential, 'passkey_challenge_refused'];
      },
    ],
    [
      'an answer to a challenge of another session or sign-in',
      async (world) => {
        const elsewhere = { ...askedOf(world.ada, purpose), boundTo: 'another' };
        return [await answered(world, elsewhere, world.ada), 'passkey_challenge_refused'];
      },
    ],
    [
      'an answer to a challenge that anybody may answer',
      async (world) => [
        await answered(world, { purpose: 'login' }, world.ada),
        'passkey_challenge_refused',
      ],
    ],
    [
      'an answer to a challenge of before the credentials changed',
      async (world) => {
        const { account } = world.ada;
        const before = { ...account, passwordVersion: account.passwordVersion - 1 };
        const asked = { ...askedOf(world.ada, purpose), account: before };
        return [await answered(world, asked, world.ada), 'passkey_challenge_refused'];
      },
    ],
  ])('does not accept %s', async (_name, attack) => {
    const replica = await passkeysOf(database);
    const [ada, eve] = [await newPasskeyOwner(replica), await newPasskeyOwner(replica)];
    const world = { replica, ada, eve };
    const asked = askedOf(ada, purpose);
    const [credential, reason] = await attack(world, purpose);
    expect(await replica.assertions.check(credential, asked)).toBe(reason);
    const right = await answered(world, asked, ada);
    expect(await replica.assertions.check(right, asked)).toMatchObject({
      method: 'passkey',
      accountId: ada.account.id,
    });
  });
});
