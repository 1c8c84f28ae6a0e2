import { startTestGateway, type TestGateway } from '../gateway.fixture';
import { parsePublicJwkSet } from './published-keys';

const rsa = { kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'a', n: 'AQ', e: 'AQAB' };

describe('a key set', () => {
  it.each([[undefined], [[]], [{ keys: 1 }], ['{"keys":[]}']])('is not read from %j', (jwks) => {
    expect(() => parsePublicJwkSet(jwks)).toThrow();
  });

  it.each<[string, object]>([
    ['a symmetric key', { ...rsa, kty: 'oct' }],
    ['a key of another algorithm', { ...rsa, alg: 'PS256' }],
    ['an encryption key', { ...rsa, use: 'enc' }],
    ['a key without id', { ...rsa, kid: undefined }],
  ])('is published without %s', (_name, jwk) => {
    expect(parsePublicJwkSet({ keys: [jwk, rsa] })).toEqual({ keys: [rsa] });
  });

  it('is published without private members', () => {
    expect(parsePublicJwkSet({ keys: [{ ...rsa, d: 'secret', p: 'secret' }] })).toEqual({
      keys: [rsa],
    });
  });
});

describe('/.well-known/jwks.json', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  it('answers with the keys of the issuer, to be cached for a while', async () => {
    const answer = await gateway.send({ path: '/.well-known/jwks.json' });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual(gateway.mint.jwks);
    expect(answer.headers['cache-control']).toBe('public, max-age=60');
  });
});
