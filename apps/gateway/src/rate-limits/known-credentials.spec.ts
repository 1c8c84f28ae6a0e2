import type { Identity } from './identity';
import { KnownCredentials } from './known-credentials';

const alice: Identity = { kind: 'user', id: 'alice' };
const ENDLESS = { endedBy: [] };

function setUp() {
  const time = { ms: 1_000_000 };
  return { time, known: new KnownCredentials(() => new Date(time.ms)) };
}

it('knows nobody whom it was not told of', () => {
  expect(new KnownCredentials().identityOf('token')).toBeUndefined();
});

it('knows no credential of a partner', () => {
  const { known } = setUp();
  known.remember('token', { kind: 'partner', id: 'acme' }, ENDLESS);
  expect(known.identityOf('token')).toBeUndefined();
});

it('knows a credential for a quarter of an hour', () => {
  const { time, known } = setUp();
  known.remember('token', alice, ENDLESS);
  time.ms += 15 * 60_000 - 1;
  expect(known.identityOf('token')).toEqual(alice);
  expect(known.identityOf('Token')).toBeUndefined();
  time.ms += 1;
  expect(known.identityOf('token')).toBeUndefined();
});

it('knows no credential that has expired', () => {
  const { time, known } = setUp();
  known.remember('token', alice, { endedBy: [], expiresAt: 1_001 });
  expect(known.identityOf('token')).toEqual(alice);
  time.ms += 1_000;
  expect(known.identityOf('token')).toBeUndefined();
});

it('forgets a credential that was refused, and no other', () => {
  const { known } = setUp();
  for (const token of ['token', 'other']) known.remember(token, alice, ENDLESS);
  known.forgetCredential('token');
  expect(known.identityOf('token')).toBeUndefined();
  expect(known.identityOf('other')).toEqual(alice);
});

it('forgets what a revocation ends, also what was remembered twice, and nothing else', () => {
  const { known } = setUp();
  const remember = (token: string, ...endedBy: string[]) => {
    known.remember(token, alice, { endedBy });
  };
  remember('a', 'session:1', 'subject:alice');
  remember('a', 'session:1', 'subject:alice');
  remember('b', 'session:2', 'subject:alice');
  known.forget({ kind: 'token', id: '1' });
  expect(known.identityOf('a')).toEqual(alice);
  known.forget({ kind: 'session', id: '1' });
  expect([known.identityOf('a'), known.identityOf('b')]).toEqual([undefined, alice]);
  known.forget({ kind: 'subject', id: 'alice' });
  expect(known.identityOf('b')).toBeUndefined();
});

it('forgets the oldest of more than twenty thousand', () => {
  const known = new KnownCredentials();
  for (let index = 0; index <= 20_000; index += 1) known.remember(`token-${index}`, alice, ENDLESS);
  expect(known.identityOf('token-0')).toBeUndefined();
  expect(known.identityOf('token-1')).toEqual(alice);
});
