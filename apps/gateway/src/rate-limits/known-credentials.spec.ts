import type { Identity } from './identity';
import { KnownCredentials } from './known-credentials';

const alice: Identity = { kind: 'user', id: 'alice' };

it('knows nobody whom it was not told of', () => {
  expect(new KnownCredentials().identityOf('token')).toBeUndefined();
});

it('knows a credential for a quarter of an hour', () => {
  const time = { ms: 0 };
  const known = new KnownCredentials(() => time.ms);
  known.remember('token', alice);
  time.ms = 15 * 60_000 - 1;
  expect(known.identityOf('token')).toEqual(alice);
  expect(known.identityOf('Token')).toBeUndefined();
  time.ms += 1;
  expect(known.identityOf('token')).toBeUndefined();
});

it('forgets the oldest of more than twenty thousand', () => {
  const known = new KnownCredentials();
  for (let index = 0; index <= 20_000; index += 1) known.remember(`token-${index}`, alice);
  expect(known.identityOf('token-0')).toBeUndefined();
  expect(known.identityOf('token-1')).toEqual(alice);
});
