import {
  mintApiKey,
  mintSecret,
  rotationNoticeId,
  secretRevocationId,
  type MintedApiKey,
} from '@sallyport/api-keys';
import { RpcError, type apiKeysV1 } from '@sallyport/contracts';
import { ownerOf } from '@sallyport/principal';
import { FakeClock } from '@sallyport/testing';
import type { FastifyRequest } from 'fastify';
import { CredentialRefused } from '../authentication/authenticator';
import { FakeRevocations } from '../revocations.fixture';
import { ApiKeyAuthenticator } from './api-key.authenticator';
import { apiKeyOf } from './resolved-api-key';

const ACCOUNT = 'a5f2f4c0-0001-4000-8000-000000000001';

function setUp() {
  const clock = new FakeClock();
  const revocations = new FakeRevocations();
  const live = new Map<string, Partial<apiKeysV1.ResolveApiKeyResponse>>();
  const state = {
    asked: [] as apiKeysV1.ResolveApiKeyRequest[],
    metadata: {} as Readonly<Record<string, string>> | undefined,
    outage: undefined as RpcError | undefined,
    answering: Promise.resolve(),
    monotonicMs: 0,
  };
  const nameOf = (id: string, secretHash: Uint8Array) => secretRevocationId({ id, secretHash });
  const authenticator = new ApiKeyAuthenticator({
    apiKeys: {
      async resolveApiKey(request, options) {
        state.asked.push(request);
        state.metadata = options.metadata;
        // What is true when it is asked, and arrives later.
        const found = live.get(nameOf(request.apiKeyId, request.secretHash));
        await state.answering;
        if (state.outage) throw state.outage;
        if (!found) throw new RpcError('UNAUTHENTICATED', 'invalid_api_key');
        const usual = { accountId: ACCOUNT, scopes: ['orders:read'], requestsPerMinute: 0 };
        return { ...usual, validUntil: undefined, ...found };
      },
    },
    replica: revocations.replica,
    follower: revocations,
    clock: clock.now,
    monotonicNow: () => state.monotonicMs,
  });
  const authenticate = (presented: string | string[] | undefined) =>
    authenticator.authenticate({
      headers: { 'x-api-key': presented },
      id: 'correlation-1',
      method: 'GET',
      routeOptions: { url: '/orders' },
      raw: { socket: { remoteAddress: '192.0.2.1' }, headers: {} },
    } as unknown as FastifyRequest);
  return {
    ...{ authenticator, authenticate, clock, live, revocations, state },
    accept: (
      key: Pick<MintedApiKey, 'id' | 'secretHash'>,
      answer: Partial<apiKeysV1.ResolveApiKeyResponse> = {},
    ) => live.set(nameOf(key.id, key.secretHash), answer),
    end: (key: MintedApiKey) => live.delete(nameOf(key.id, key.secretHash)),
    /** Lets answers wait until what it returns is called. */
    holdAnswers() {
      let answer: () => void = () => undefined;
      state.answering = new Promise((resolve) => (answer = resolve));
      return () => {
        answer();
      };
    },
    /** As the follower does it. */
    revoke(kind: 'api_key' | 'subject', id: string) {
      revocations.revoke(kind, id);
      authenticator.forget({ kind, id });
    },
    refusal: async (presented: string) => {
      const error: unknown = await authenticate(presented).catch((thrown: unknown) => thrown);
      if (!(error instanceof CredentialRefused)) throw new Error('was accepted', { cause: error });
      const { reason, status, code, about, isRecorded } = error;
      return { reason, status, code, apiKeyId: about.apiKeyId, isRecorded };
    },
  };
}

const key = mintApiKey();
const other = mintApiKey();
const invalid = { status: 401, code: 'invalid_api_key' };
const gone = { status: 503, code: 'authentication_unavailable', isRecorded: false };

function changed(text: string, index: number): string {
  const replacement = text[index] === 'a' ? 'b' : 'a';
  return text.slice(0, index) + replacement + text.slice(index + 1);
}

describe('an API key is refused without a look-up', () => {
  const presented = key.presentedKey;
  it.each([
    ['empty', ''],
    ['of another prefix', presented.replace('sp_', 'xx_')],
    ['with one character more', `${presented}a`],
    ['with one character less', presented.slice(0, -1)],
    ['with another id', changed(presented, 5)],
    ['with another secret', changed(presented, 30)],
    ['with another checksum', changed(presented, 66)],
    ['in lower case', presented.toLowerCase()],
    ['in upper case', presented.toUpperCase()],
    ['twice', `${presented}, ${presented}`],
    ['as Bearer', `Bearer ${presented}`],
    ['very long', 'sp_'.padEnd(16_000, 'a')],
  ])('%s', async (_name, malformed) => {
    const { accept, authenticate, refusal, state } = setUp();
    accept(key);
    expect(await refusal(malformed)).toEqual({
      ...{ ...invalid, reason: 'api_key_malformed', apiKeyId: undefined, isRecorded: false },
    });
    expect(state.asked).toEqual([]);
    await expect(authenticate(presented)).resolves.toMatchObject({ id: ACCOUNT });
  });

  it.each([
    ['itself', key.id],
    ['with this secret', secretRevocationId(key)],
  ])('once revoked %s', async (_name, id) => {
    const { accept, authenticate, refusal, revoke, state } = setUp();
    accept(key);
    await authenticate(key.presentedKey);
    revoke('api_key', id);
    expect(await refusal(key.presentedKey)).toEqual({
      ...{ ...invalid, reason: 'api_key_revoked', apiKeyId: key.id, isRecorded: false },
    });
    expect(state.asked).toHaveLength(1);
  });

  it('while it is unknown what was revoked', async () => {
    const { accept, authenticate, refusal, revocations, state } = setUp();
    accept(key);
    await authenticate(key.presentedKey);
    revocations.isCurrent = false;
    for (const { presentedKey, id } of [key, other]) {
      const reason = 'revocation_unknown';
      expect(await refusal(presentedKey)).toEqual({ ...gone, reason, apiKeyId: id });
    }
    expect(state.asked).toHaveLength(1);
    revocations.isCurrent = true;
    await expect(authenticate(key.presentedKey)).resolves.toBeDefined();
  });
});

describe('an API key is refused by auth-service', () => {
  const refused = { ...invalid, reason: 'api_key_refused' };

  it('which has recorded it, and is believed for ten seconds', async () => {
    const { accept, authenticate, refusal, state } = setUp();
    const about = { ...refused, apiKeyId: key.id };
    expect(await refusal(key.presentedKey)).toEqual({ ...about, isRecorded: true });
    accept(key);
    state.monotonicMs = 9_999;
    expect(await refusal(key.presentedKey)).toEqual({ ...about, isRecorded: false });
    expect(state.asked).toHaveLength(1);
    state.monotonicMs = 10_000;
    await expect(authenticate(key.presentedKey)).resolves.toBeDefined();
  });

  it('with the secret of another one of the same id', async () => {
    const { accept, authenticate, refusal } = setUp();
    accept(key);
    await authenticate(key.presentedKey);
    const forged = mintSecret(key.id);
    expect(await refusal(forged.presentedKey)).toMatchObject({ ...refused, apiKeyId: key.id });
    await expect(authenticate(key.presentedKey)).resolves.toBeDefined();
  });

  it.each(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED'] as const)(
    'for as long as that is away, and no longer: %s',
    async (status) => {
      const { accept, authenticate, refusal, state } = setUp();
      accept(key);
      state.outage = new RpcError(status, 'away');
      const reason = 'api_key_unresolved';
      expect(await refusal(key.presentedKey)).toEqual({ ...gone, reason, apiKeyId: key.id });
      state.outage = undefined;
      await expect(authenticate(key.presentedKey)).resolves.toBeDefined();
    },
  );

  it('by a defect of one of the two, which is none of the key', async () => {
    const { accept, authenticate, state } = setUp();
    accept(key);
    state.outage = new RpcError('INTERNAL', 'internal');
    await expect(authenticate(key.presentedKey)).rejects.toBe(state.outage);
    state.outage = new RpcError('PERMISSION_DENIED', 'caller_not_allowed');
    await expect(authenticate(key.presentedKey)).rejects.toMatchObject({
      status: 502,
      code: 'upstream_refused',
    });
  });
});

describe('what an API key stands for', () => {
  it('is remembered for a minute', async () => {
    const { accept, authenticate, end, refusal, state } = setUp();
    accept(key);
    const principal = await authenticate(key.presentedKey);
    end(key);
    state.monotonicMs = 59_999;
    // The same object, so that what is derived from it is derived once.
    expect(await authenticate(key.presentedKey)).toBe(principal);
    expect(state.asked).toHaveLength(1);
    state.monotonicMs = 60_000;
    expect(await refusal(key.presentedKey)).toMatchObject({ reason: 'api_key_refused' });
  });

  it('is not remembered beyond the end of the secret', async () => {
    const { accept, authenticate, clock, refusal, state } = setUp();
    accept(key, { validUntil: new Date(clock.now().getTime() + 5_000) });
    clock.advance({ milliseconds: 4_999 });
    await authenticate(key.presentedKey);
    clock.advance({ milliseconds: 1 });
    expect(await refusal(key.presentedKey)).toMatchObject({
      ...{ ...invalid, reason: 'api_key_expired', apiKeyId: key.id, isRecorded: false },
    });
    expect(state.asked).toHaveLength(1);
  });

  it('is asked once for requests at the same time', async () => {
    const { accept, authenticate, state } = setUp();
    accept(key);
    const presented = Array<string>(5).fill(key.presentedKey);
    await Promise.all(presented.map((each) => authenticate(each)));
    expect(state.asked).toHaveLength(1);
  });

  it.each([
    ['the key', 'api_key', key.id],
    ['another secret of the key', 'api_key', secretRevocationId(mintSecret(key.id))],
    ['the key that was rotated', 'api_key', rotationNoticeId(key.id)],
    ['the account', 'subject', ACCOUNT],
  ] as const)('is asked anew after something befell %s', async (_name, kind, id) => {
    const { accept, authenticate, authenticator, end, refusal } = setUp();
    accept(key);
    await authenticate(key.presentedKey);
    end(key);
    authenticator.forget({ kind, id });
    expect(await refusal(key.presentedKey)).toMatchObject({ reason: 'api_key_refused' });
  });

  it.each([
    ['another key', 'api_key', other.id],
    ['another account', 'subject', 'b'],
    ['a session', 'session', ACCOUNT],
  ] as const)('is not asked anew after something befell %s', async (_name, kind, id) => {
    const { accept, authenticate, authenticator, state } = setUp();
    accept(key);
    await authenticate(key.presentedKey);
    authenticator.forget({ kind, id });
    await authenticate(key.presentedKey);
    expect(state.asked).toHaveLength(1);
  });

  it('is not believed when the key is revoked while it is asked', async () => {
    const { accept, end, holdAnswers, refusal, revoke } = setUp();
    accept(key);
    const answer = holdAnswers();
    const early = refusal(key.presentedKey);
    end(key);
    revoke('api_key', key.id);
    answer();
    expect(await early).toMatchObject({ reason: 'api_key_revoked' });
    expect(await refusal(key.presentedKey)).toMatchObject({ reason: 'api_key_revoked' });
  });

  it('is not remembered when the account is locked while it is asked', async () => {
    const { accept, authenticate, end, holdAnswers, refusal, revoke } = setUp();
    accept(key);
    const answer = holdAnswers();
    const early = authenticate(key.presentedKey);
    end(key);
    revoke('subject', ACCOUNT);
    answer();
    await early;
    expect(await refusal(key.presentedKey)).toMatchObject({ reason: 'api_key_refused' });
  });
});

describe('an API key', () => {
  it('is nobody when there is none', async () => {
    const { authenticate, state } = setUp();
    await expect(authenticate(undefined)).resolves.toBeUndefined();
    expect(state.asked).toEqual([]);
  });

  it('acts for its account, in no session', async () => {
    const { accept, authenticate, state } = setUp();
    accept(key, { scopes: ['orders:read', 'orders:write'], requestsPerMinute: 60 });
    const principal = await authenticate(key.presentedKey);
    if (!principal) throw new Error('there was a key');
    expect(principal).toEqual({
      id: ACCOUNT,
      type: 'user',
      scopes: new Set(['orders:read', 'orders:write']),
      clientId: `api-key:${key.id}`,
    });
    expect(ownerOf(principal)).toBe(`user:${ACCOUNT}`);
    expect(apiKeyOf(principal)).toEqual({ id: key.id, requestsPerMinute: 60 });
    expect(apiKeyOf({ ...principal })).toBeUndefined();
    expect(state.asked).toEqual([{ apiKeyId: key.id, secretHash: key.secretHash }]);
    expect(state.metadata).toEqual({
      'x-correlation-id': 'correlation-1',
      'x-client-address': '192.0.2.1',
    });
  });

  it('has the usual limit unless it has its own', async () => {
    const { accept, authenticate } = setUp();
    accept(key);
    const principal = await authenticate(key.presentedKey);
    expect(principal && apiKeyOf(principal)).toEqual({ id: key.id, requestsPerMinute: undefined });
  });
});
