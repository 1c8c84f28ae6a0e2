import { collectAccessDeclarations } from '@sallyport/nest-zero-trust';
import { startTestGateway } from '../gateway.fixture';

it('nothing of an account, of a token or for operators may be kept by a cache', async () => {
  const gateway = await startTestGateway();
  try {
    const scope = 'keys:manage accounts:manage';
    const token = gateway.mint.accessToken({ payload: { scope } });
    const targets = collectAccessDeclarations(gateway.app)
      .map(({ target }) => target.split(' ') as [string, string])
      .filter(([, path]) => /^\/(auth|oauth2|admin)\//.test(path));
    expect(targets.length).toBeGreaterThan(15);
    for (const [method, path] of targets) {
      for (const headers of [[], [['authorization', `Bearer ${token}`] as const]]) {
        const answer = await gateway.send({ method, path, headers });
        expect([method, path, answer.headers['cache-control']]).toEqual([method, path, 'no-store']);
      }
    }
  } finally {
    await gateway.close();
  }
});
