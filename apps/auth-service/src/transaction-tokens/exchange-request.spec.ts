import { ExchangeRefused } from './exchange-refused';
import type { ExchangeError, ExchangeRefusalReason } from './exchange-refused';
import { parseExchangeRequest } from './exchange-request';

const VALID = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  requested_token_type: 'urn:ietf:params:oauth:token-type:txn_token',
  audience: 'sallyport.internal',
  scope: 'charges:resolve charges:void',
  subject_token: 'a.subject.token',
  subject_token_type: 'urn:ietf:params:oauth:token-type:self_signed',
  request_context: '{"job":"settle-orders"}',
};

const REPLACEMENT = {
  subject_token_type: 'urn:ietf:params:oauth:token-type:txn_token',
  request_context: '',
};

const parse = (change: object) =>
  parseExchangeRequest(new URLSearchParams({ ...VALID, ...change }), 'sallyport.internal');

describe('parseExchangeRequest refuses', () => {
  it.each<[string, ExchangeError, ExchangeRefusalReason, object]>([
    ...(
      [
        'grant_type',
        'requested_token_type',
        'audience',
        'scope',
        'subject_token',
        'subject_token_type',
      ] as const
    ).map((name): [string, ExchangeError, ExchangeRefusalReason, object] => [
      `no ${name}`,
      'invalid_request',
      'parameter_missing',
      { [name]: '' },
    ]),
    [
      'client credentials',
      'unsupported_grant_type',
      'grant_type_unsupported',
      { grant_type: 'client_credentials' },
    ],
    [
      'an access token',
      'invalid_request',
      'requested_token_type_unsupported',
      { requested_token_type: 'urn:ietf:params:oauth:token-type:access_token' },
    ],
    ['another trust domain', 'invalid_target', 'target_wrong', { audience: 'other.example' }],
    [
      'the trust domain as a URL',
      'invalid_target',
      'target_wrong',
      { audience: 'https://sallyport.internal' },
    ],
    [
      'a resource',
      'invalid_target',
      'target_wrong',
      { resource: 'https://api.sallyport.internal' },
    ],
    ['an actor', 'invalid_request', 'parameter_unsupported', { actor_token: 'a.b.c' }],
    ['details', 'invalid_request', 'parameter_unsupported', { request_details: '{}' }],
    ['scopes with two spaces', 'invalid_scope', 'scope_malformed', { scope: 'a  b' }],
    ['scopes with a comma', 'invalid_scope', 'scope_malformed', { scope: 'a,b' }],
    [
      'an access token as the subject',
      'invalid_request',
      'subject_token_type_unsupported',
      { subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' },
    ],
    [
      'a refresh token as the subject',
      'invalid_request',
      'subject_token_type_unsupported',
      { subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
    ],
    [
      'an unsigned subject',
      'invalid_request',
      'subject_token_type_unsupported',
      { subject_token_type: 'urn:ietf:params:oauth:token-type:unsigned_json' },
    ],
    ...[
      '',
      'settle-orders',
      '{}',
      '[]',
      'null',
      '{"job":1}',
      '{"job":"a b"}',
      '{"job":"settle-orders","job":"cancel-order"}',
      '{"job":"settle-orders","user":"1"}',
    ].map((context): [string, ExchangeError, ExchangeRefusalReason, object] => [
      `the context ${JSON.stringify(context)}`,
      'invalid_request',
      'request_context_invalid',
      { request_context: context },
    ]),
    [
      'another context for a transaction that has one',
      'invalid_request',
      'request_context_invalid',
      { ...REPLACEMENT, request_context: '{"job":"cancel-order"}' },
    ],
  ])('%s: %s', (_name, error, reason, change) => {
    expect(() => parse(change)).toThrow(expect.objectContaining({ error, reason }) as Error);
  });

  it.each([...Object.keys(VALID), 'resource', 'actor_token'])('%s twice', (name) => {
    const form = new URLSearchParams({ ...VALID });
    form.append(name, 'one');
    form.append(name, 'one');
    expect(() => parseExchangeRequest(form, 'sallyport.internal')).toThrow(ExchangeRefused);
  });
});

describe('parseExchangeRequest reads', () => {
  it('the beginning of a transaction, whatever else there is', () => {
    expect(parse({ client_id: 'orders-service', resource: '' })).toEqual({
      kind: 'begin',
      presentedToken: 'a.subject.token',
      scopes: new Set(['charges:resolve', 'charges:void']),
      job: 'settle-orders',
    });
  });

  it('a replacement', () => {
    expect(parse({ ...REPLACEMENT, scope: 'charges:void' })).toEqual({
      kind: 'replace',
      presentedToken: 'a.subject.token',
      scopes: new Set(['charges:void']),
    });
  });
});
