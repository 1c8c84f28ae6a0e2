import { FakeClock } from '@sallyport/testing';
import { accessTokenCustomizer } from './access-token-customizer';

describe('the token a client gets for itself', () => {
  const clock = new FakeClock();
  const issue = async (tokensValidFrom: Date | undefined) => {
    const payload = { client_id: 'robot', iat: clock.epochSeconds };
    const asked: string[] = [];
    const customizer = accessTokenCustomizer(
      { useGrant: () => Promise.reject(new Error('there is no grant')) },
      {
        tokensValidFrom: async (id) => {
          asked.push(id);
          return tokensValidFrom;
        },
      },
      'kid',
      clock.now,
    );
    await customizer({} as never, {} as never, { header: {}, payload });
    return { payload, asked };
  };

  it('does not leave when the client was disabled meanwhile', async () => {
    await expect(issue(undefined)).rejects.toMatchObject({ error: 'invalid_client' });
  });

  it('belongs to the client’s epoch', async () => {
    const epoch = clock.epochSeconds + 1;
    const { payload, asked } = await issue(new Date(epoch * 1000));
    expect(payload.iat).toBe(epoch);
    expect(asked).toEqual(['robot']);
  });

  it('keeps its time when the epoch has passed', async () => {
    const { payload } = await issue(new Date(0));
    expect(payload.iat).toBe(clock.epochSeconds);
  });
});
