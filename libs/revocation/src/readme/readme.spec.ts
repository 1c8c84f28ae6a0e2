import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startRedisStandIn } from '@sallyport/dev-stores';
import { TokenMint } from '@sallyport/testing';
import { LocalKeySet } from '@sallyport/tokens';
import { MemoryOutbox, until } from '../feed.fixture';
import { followRevocations } from './gateway.fixture';
import { publishRevocations } from './issuer.fixture';

describe("the README's example", () => {
  it.each(['gateway', 'issuer'])('is what compiles and runs here: %s', async (name) => {
    const [readme, example] = await Promise.all([
      readFile(join(__dirname, '../../README.md'), 'utf8'),
      readFile(join(__dirname, `${name}.fixture.ts`), 'utf8'),
    ]);
    expect(readme).toContain(example);
  });

  it('accepts nothing before anybody vouches, then a token, until it is revoked', async () => {
    const redis = await startRedisStandIn();
    const mint = new TokenMint();
    const { verifier, close } = followRevocations(redis.url, new LocalKeySet(mint.jwks), mint);
    const token = mint.accessToken();
    const outcome = () =>
      verifier.verify(token).then(
        () => 'accepted',
        (error: unknown) => (error as { readonly code: string }).code,
      );
    expect(await outcome()).toBe('revocation_unknown');

    const outbox = new MemoryOutbox();
    const publisher = publishRevocations(redis.url, outbox);
    await until(async () => (await outcome()) === 'accepted');
    const { jti } = await verifier.verify(token);
    const expiresAt = Math.floor(Date.now() / 1000) + 960;
    await publisher.publish(outbox.record({ kind: 'token', id: jti, expiresAt }));
    await until(async () => (await outcome()) === 'token_revoked');

    await publisher.close();
    await close();
    await redis.stop();
  });
});
