import { generateKeyPairSync } from 'node:crypto';
import { foreignKeys, issuerKeys, publishedKey } from './issuer.fixture';
import { LocalKeySet } from './local-key-set';
import { parsePublishedKeys } from './published-keys';
import { JwkRejected, parseVerificationKey, type JwkRejectionCode } from './verification-key';

const valid = publishedKey(issuerKeys.publicKey, 'a');
const rsa = (modulusLength: number, publicExponent = 65_537) =>
  publishedKey(generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey, 'a');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });

function refusalOf(jwk: unknown): JwkRejected {
  try {
    parseVerificationKey(jwk);
  } catch (error) {
    if (error instanceof JwkRejected) return error;
  }
  throw new Error('was accepted');
}

describe('parseVerificationKey refuses', () => {
  it.each<[string, JwkRejectionCode, unknown]>([
    ['text', 'jwk_malformed', 'key'],
    ['null', 'jwk_malformed', null],
    ['a list', 'jwk_malformed', [valid]],
    [
      'a private key',
      'jwk_private',
      { ...valid, ...issuerKeys.privateKey.export({ format: 'jwk' }) },
    ],
    ['a lone private member', 'jwk_private', { ...valid, dp: '' }],
    [
      'a symmetric key',
      'jwk_private',
      { kty: 'oct', k: 'AAAA', kid: 'a', use: 'sig', alg: 'HS256' },
    ],
    [
      'an octet key without value',
      'jwk_type_refused',
      { kty: 'oct', kid: 'a', use: 'sig', alg: 'HS256' },
    ],
    ['an EC key', 'jwk_type_refused', { ...ec, kid: 'a', use: 'sig', alg: 'ES256' }],
    ['no kid', 'jwk_kid_invalid', { ...valid, kid: undefined }],
    ['a kid with a slash', 'jwk_kid_invalid', { ...valid, kid: 'a/b' }],
    ['an encryption key', 'jwk_use_refused', { ...valid, use: 'enc' }],
    ['no use', 'jwk_use_refused', { ...valid, use: undefined }],
    ['key_ops beyond verify', 'jwk_use_refused', { ...valid, key_ops: ['verify', 'sign'] }],
    ['no alg', 'jwk_algorithm_refused', { ...valid, alg: undefined }],
    ['another alg', 'jwk_algorithm_refused', { ...valid, alg: 'RS384' }],
    ['no modulus', 'jwk_malformed', { ...valid, n: undefined }],
    ['a modulus that is a number', 'jwk_malformed', { ...valid, n: 7 }],
    ['1024 bits', 'jwk_strength_refused', rsa(1024)],
    ['2047 bits', 'jwk_strength_refused', rsa(2047)],
    ['exponent 3', 'jwk_strength_refused', rsa(2048, 3)],
  ])('%s: %s', (_name, code, jwk) => {
    expect(refusalOf(jwk).code).toBe(code);
  });
});

describe('parseVerificationKey accepts', () => {
  it('a public RSA key for RS256 signatures', () => {
    const key = parseVerificationKey({ ...valid, key_ops: ['verify'], x5t: 'ignored' });
    expect(key).toMatchObject({ kid: 'a', alg: 'RS256' });
    expect(key.key.equals(issuerKeys.publicKey)).toBe(true);
  });
});

describe('parsePublishedKeys', () => {
  it.each<[string, unknown]>([
    ['no object', 'keys'],
    ['no list of keys', { keys: {} }],
    ['too many keys', { keys: Array(101).fill({}) }],
    ['two keys under one kid', { keys: [valid, publishedKey(foreignKeys.publicKey, 'a')] }],
  ])('refuses %s', (_name, jwks) => {
    expect(() => parsePublishedKeys(jwks)).toThrow(TypeError);
  });

  it('leaves out what it cannot use and says why', () => {
    const { keys, refused } = parsePublishedKeys({
      keys: [{ ...valid, kid: 'b', use: 'enc' }, valid],
    });
    expect([...keys.keys()]).toEqual(['a']);
    expect(refused.map(({ code }) => code)).toEqual(['jwk_use_refused']);
  });
});

describe('LocalKeySet', () => {
  it('refuses a set with an unusable key', () => {
    expect(() => new LocalKeySet({ keys: [valid, { ...valid, kid: 'b', use: 'enc' }] })).toThrow(
      JwkRejected,
    );
  });

  it('finds its keys and no others', async () => {
    const keys = new LocalKeySet({ keys: [valid] });
    expect(await keys.find('__proto__')).toBeUndefined();
    expect(await keys.find('a')).toMatchObject({ kid: 'a' });
  });
});
