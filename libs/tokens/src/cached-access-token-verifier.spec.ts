import { CachedAccessTokenVerifier } from './cached-access-token-verifier';
import type { AccessTokenClaims } from './access-token-claims';
import { CLAIMS, mint, NOW, HEADER, verifierOf } from './issuer.fixture';
import { TokenRejected } from './token-rejected';

function setUp({ maxEntries = 100, from = verifierOf() } = {}) {
  const time = { seconds: NOW };
  const keys = { version: 1 };
  const asked: string[] = [];
  const verifier = {
    verify: (token: string): Promise<AccessTokenClaims> => {
      asked.push(token);
      return from.verify(token);
    },
  };
  const clock = () => new Date(time.seconds * 1000);
  const cached = new CachedAccessTokenVerifier({ verifier, keys, clock, maxEntries });
  return { cached, asked, time, keys };
}

const tokenOf = (jti: string, exp = NOW + 900) => mint(HEADER, { ...CLAIMS, jti, exp });

describe('CachedAccessTokenVerifier', () => {
  it.each([0, -1, 1.5, Number.NaN])('refuses to be built for %d entries', (maxEntries) => {
    expect(() => setUp({ maxEntries })).toThrow(TypeError);
  });

  it('remembers no refusal', async () => {
    const { cached, asked } = setUp();
    for (const attempt of [1, 2, 3]) {
      await expect(cached.verify('bad')).rejects.toThrow(TokenRejected);
      expect(asked).toHaveLength(attempt);
    }
    expect(cached.size).toBe(0);
  });

  it('takes no altered token for the one it remembers', async () => {
    const { cached } = setUp();
    const token = tokenOf('a');
    await cached.verify(token);
    await expect(cached.verify(`${token.slice(0, -5)}AAAAA`)).rejects.toMatchObject({
      code: 'token_signature_invalid',
    });
  });

  it('asks again from the second a token expires', async () => {
    const { cached, asked, time } = setUp();
    const token = tokenOf('a', NOW + 10);
    await cached.verify(token);
    time.seconds = NOW + 9;
    await cached.verify(token);
    expect(asked).toHaveLength(1);
    time.seconds = NOW + 10;
    await cached.verify(token);
    await cached.verify(token);
    expect(asked).toHaveLength(3);
  });

  it('remembers no token that has expired within the tolerance', async () => {
    const { cached, asked, time } = setUp();
    time.seconds = NOW;
    const token = mint(HEADER, { ...CLAIMS, iat: NOW - 60, exp: NOW - 1 });
    await cached.verify(token);
    await cached.verify(token);
    expect(asked).toHaveLength(2);
  });

  it('forgets everything when the keys change', async () => {
    const { cached, asked, keys } = setUp();
    await cached.verify(tokenOf('a'));
    await cached.verify(tokenOf('b'));
    keys.version += 1;
    await cached.verify(tokenOf('a'));
    expect(asked).toHaveLength(3);
    expect(cached.size).toBe(1);
  });

  it('does not remember a token whose key changed while it was verified', async () => {
    let resolve: (claims: AccessTokenClaims) => void = () => undefined;
    const promise = new Promise<AccessTokenClaims>((settle) => {
      resolve = settle;
    });
    const keys = { version: 1 };
    const cached = new CachedAccessTokenVerifier({
      verifier: { verify: () => promise },
      keys,
      clock: () => new Date(NOW * 1000),
      maxEntries: 10,
    });
    const pending = cached.verify('token');
    keys.version = 2;
    resolve(await verifierOf().verify(mint()));
    await pending;
    expect(cached.size).toBe(0);
  });

  it('holds no more than its bound and forgets the least recently used first', async () => {
    const { cached, asked } = setUp({ maxEntries: 2 });
    const [a, b, c] = [tokenOf('a'), tokenOf('b'), tokenOf('c')];
    for (const token of [a, b, a, c]) await cached.verify(token);
    expect(cached.size).toBe(2);
    expect(asked).toEqual([a, b, c]);
    await cached.verify(a);
    expect(asked).toHaveLength(3);
    await cached.verify(b);
    expect(asked).toEqual([a, b, c, b]);
  });

  it('verifies a token once and gives the same claims each time', async () => {
    const { cached, asked } = setUp();
    const token = tokenOf('a');
    const first = await cached.verify(token);
    expect(await cached.verify(token)).toBe(first);
    expect(asked).toEqual([token]);
  });
});
