import { TransactionTokenVerifier, WorkloadAssertionSigner } from '@sallyport/principal';
import { describeOnSharedState, type SharedStateForTests } from '@sallyport/testing';
import { systemClock } from '@sallyport/tokens';
import { StartedAuthService } from '../start.fixture';

const PATH = '/txn-tokens';

describeOnSharedState('the endpoint for transaction tokens', (openSharedState) => {
  let state: SharedStateForTests;
  let service: StartedAuthService;
  beforeAll(async () => {
    state = await openSharedState();
    // A database of its own: other suites share the server.
    service = await StartedAuthService.start(new URL('/11', state.url).href);
  }, 60_000);
  afterAll(async () => {
    await service.close();
    await state.close();
  });

  async function form(change: Readonly<Record<string, string>> = {}): Promise<string> {
    const { ca } = service;
    const signer = new WorkloadAssertionSigner(await ca.source('orders-service'), systemClock);
    return new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requested_token_type: 'urn:ietf:params:oauth:token-type:txn_token',
      audience: ca.trustDomain.toString(),
      scope: 'charges:void',
      subject_token: signer.sign(ca.spiffeId('auth-service')),
      subject_token_type: 'urn:ietf:params:oauth:token-type:self_signed',
      request_context: '{"job":"cancel-order"}',
      ...change,
    }).toString();
  }
  const counted = (outcome: string, reason: string) =>
    service.counted(`type="token",outcome="${outcome}",reason="${reason}"`);

  it.each(['gateway', 'billing-service', 'auth-service'])('refuses %s', async (stranger) => {
    const { statusCode, content } = await service.post(stranger, PATH, await form());
    expect(statusCode).toBe(403);
    expect(content).toMatchObject({ code: 'caller_not_allowed' });
  });

  it('refuses to be read', async () => {
    expect((await service.get('orders-service', PATH)).statusCode).toBe(404);
  });

  it('refuses JSON', async () => {
    const json = { 'content-type': 'application/json' };
    const refused = await service.post('orders-service', PATH, await form(), json);
    expect(refused.statusCode).toBe(400);
    expect(refused.content).toEqual({
      error: 'invalid_request',
      error_description: 'media_type_wrong',
    });
  });

  it('refuses a form that never ends', async () => {
    const long = await form({ padding: 'x'.repeat(64 * 1024) });
    const refused = await service.post('orders-service', PATH, long);
    expect(refused).toMatchObject({ statusCode: 413, content: { code: 'body_too_large' } });
  });

  it('refuses with the error of the protocol, and leaves one event with the reason', async () => {
    const before = await counted('refused', 'scope_undeclared');
    const wider = await form({ scope: 'charges:void charges:resolve' });
    const { statusCode, headers, content } = await service.post('orders-service', PATH, wider);
    expect(statusCode).toBe(400);
    expect(headers['cache-control']).toBe('no-store');
    expect(content).toEqual({
      error: 'invalid_scope',
      error_description: 'scope_undeclared',
    });
    expect(await counted('refused', 'scope_undeclared')).toBe(before + 1);
  });

  it('answers as RFC 8693 says, and verifiers believe what it gives', async () => {
    const before = await counted('succeeded', 'txn_token_issued');
    const answer = await service.post('orders-service', PATH, await form());
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.content).toEqual({
      access_token: expect.any(String) as string,
      issued_token_type: 'urn:ietf:params:oauth:token-type:txn_token',
      token_type: 'N_A',
      expires_in: 60,
    });
    const { ca } = service;
    const verifier = new TransactionTokenVerifier({
      bundle: () => ca.bundle(),
      issuers: { principal: ca.spiffeId('gateway'), workload: ca.spiffeId('auth-service') },
      trustDomain: ca.trustDomain,
      clock: systemClock,
    });
    const { access_token: token } = answer.content as { readonly access_token: string };
    expect(verifier.verify(token)).toMatchObject({
      initiator: 'workload',
      workload: ca.spiffeId('orders-service'),
      job: 'cancel-order',
    });
    expect(await counted('succeeded', 'txn_token_issued')).toBe(before + 1);
  });
});
