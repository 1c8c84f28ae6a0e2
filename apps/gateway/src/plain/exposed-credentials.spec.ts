import { mintApiKey } from '@sallyport/api-keys';
import { RpcError, type CallOptions } from '@sallyport/contracts';
import { revokedByAuthService } from './exposed-credentials';

const exposure = { correlationId: 'correlation-1', clientAddress: '192.0.2.1' };
const options = {
  timeoutMs: 5_000,
  metadata: { 'x-correlation-id': 'correlation-1', 'x-client-address': '192.0.2.1' },
};

function setUp(failure?: RpcError) {
  const calls: unknown[] = [];
  const answer =
    (rpc: string) =>
    (request: unknown, given: CallOptions): Promise<Record<string, never>> => {
      calls.push([rpc, request, given]);
      return failure ? Promise.reject(failure) : Promise.resolve({});
    };
  const exposed = revokedByAuthService({
    auth: { revokeToken: answer('revokeToken') },
    apiKeys: { revokeExposedApiKey: answer('revokeExposedApiKey') },
  });
  return { calls, exposed };
}

describe('what travelled in clear', () => {
  const { presentedKey, id, secretHash } = mintApiKey();

  it.each(['abc', 'sp_live_0123456789abcdefABCDEF', presentedKey.toLowerCase()])(
    'asks nothing of auth-service when it is no API key: %s',
    async (value) => {
      const { calls, exposed } = setUp();
      await exposed.revokeApiKey(value, exposure);
      expect(calls).toEqual([]);
    },
  );

  it('is tried again when auth-service is away', async () => {
    const away = new RpcError('UNAVAILABLE', 'away');
    const { exposed } = setUp(away);
    await expect(exposed.revokeApiKey(presentedKey, exposure)).rejects.toBe(away);
  });

  it('ends as an API key by its id and the hash of its secret', async () => {
    const { calls, exposed } = setUp();
    await exposed.revokeApiKey(presentedKey, exposure);
    expect(calls).toEqual([['revokeExposedApiKey', { apiKeyId: id, secretHash }, options]]);
  });

  it('ends as a token as it is', async () => {
    const { calls, exposed } = setUp();
    await exposed.revokeToken('opaque', exposure);
    expect(calls).toEqual([['revokeToken', { token: 'opaque' }, options]]);
  });
});
