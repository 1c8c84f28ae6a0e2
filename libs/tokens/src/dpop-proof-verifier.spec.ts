import { createHmac, sign } from 'node:crypto';
import fc from 'fast-check';
import { calculateJwkThumbprint, type JWK } from 'jose';
import {
  CLAIMS,
  edwardsKeyPair,
  HOLDER,
  keyPair,
  proofWith,
  REQUEST,
  rsaKeyPair,
  signatureBy,
  TOKEN,
  verifyProof,
  type DpopKeyPair,
} from './dpop-proof.fixture';
import type { DpopProofRejectionCode } from './dpop-proof-rejected';
import { encoded, mint, NOW, sealed, segmentsOf } from './issuer.fixture';

type Row = readonly [broken: string, code: DpopProofRejectionCode, proof: string];

const rows = (
  code: DpopProofRejectionCode,
  proofs: Readonly<Record<string, string>>,
): readonly Row[] => Object.entries(proofs).map(([broken, proof]) => [broken, code, proof]);

const rsa = rsaKeyPair();
const edwards = edwardsKeyPair();
const secretJwk = HOLDER.privateKey.export({ format: 'jwk' });
const [header, payload, signature] = segmentsOf(proofWith());
const headerOf = (members: object) => proofWith({ header: members });
const claimsOf = (members: object) => proofWith({ claims: members });
const jwkOf = (members: object) => headerOf({ jwk: { ...HOLDER.jwk, ...members } });
const twice = (part: string, member: string) =>
  encoded(Buffer.from(part, 'base64url').toString().replace('{', `{${member},`));

describe('DpopProofVerifier refuses a proof', () => {
  it.each<Row>([
    ...rows('dpop_proof_malformed', {
      'that is empty': '',
      'that is no JWS': 'nonsense',
      'of two segments': `${header}.${payload}`,
      'of four segments': `${header}.${payload}.${signature}.${signature}`,
      'with padding': `${header}.${payload}.${signature}=`,
      'and another one': `${proofWith()}, ${proofWith()}`,
      'behind a blank': ` ${proofWith()}`,
      'that is too long': claimsOf({ jti: 'a'.repeat(8192) }),
      'without a signature': `${header}.${payload}.`,
      'with a header member twice': sealed(
        `${twice(header, '"typ":"dpop+jwt"')}.${payload}`,
        signatureBy(HOLDER),
      ),
      'with a claim twice': sealed(
        `${header}.${twice(payload, '"htm":"GET"')}`,
        signatureBy(HOLDER),
      ),
      'whose claims are a list': mint(
        { typ: 'dpop+jwt', alg: 'ES256', jwk: HOLDER.jwk },
        '[]',
        signatureBy(HOLDER),
      ),
    }),
    ...rows('dpop_proof_key_reference_refused', {
      'with jku': headerOf({ jku: 'https://evil.example/keys' }),
      'with x5u': headerOf({ x5u: 'https://evil.example/chain' }),
      'with x5c': headerOf({ x5c: ['MII'] }),
      'with x5t#S256': headerOf({ 'x5t#S256': HOLDER.thumbprint }),
      'with crit': headerOf({ crit: ['exp'] }),
    }),
    ...rows('dpop_proof_type_wrong', {
      'without a type': headerOf({ typ: undefined }),
      'of type JWT': headerOf({ typ: 'JWT' }),
      'of type access token': headerOf({ typ: 'at+jwt' }),
      'of type DPoP+JWT': headerOf({ typ: 'DPoP+JWT' }),
      'of the long media type': headerOf({ typ: 'application/dpop+jwt' }),
      'that is the access token': TOKEN,
    }),
    ...rows('dpop_proof_algorithm_refused', {
      'with alg none': headerOf({ alg: 'none' }),
      'with HS256 over the public key': proofWith({
        header: { alg: 'HS256' },
        signature: (input) =>
          createHmac('sha256', JSON.stringify(HOLDER.jwk)).update(input).digest(),
      }),
      'with RS256': proofWith(
        {
          header: { alg: 'RS256' },
          signature: (input) => sign('sha256', Buffer.from(input), rsa.privateKey),
        },
        rsa,
      ),
      'with ES384': headerOf({ alg: 'ES384' }),
      'with es256': headerOf({ alg: 'es256' }),
      'with a list of algorithms': headerOf({ alg: ['ES256'] }),
      'without an algorithm': headerOf({ alg: undefined }),
    }),
    ...rows('dpop_proof_key_refused', {
      'without a key': headerOf({ jwk: undefined }),
      'with a text as key': headerOf({ jwk: JSON.stringify(HOLDER.jwk) }),
      'with a list of keys': headerOf({ jwk: [HOLDER.jwk] }),
      'with the private key': headerOf({ jwk: secretJwk }),
      'with an empty private member': jwkOf({ d: '' }),
      'with a symmetric key': headerOf({ jwk: { kty: 'oct', k: 'c2VjcmV0' } }),
      'with a symmetric member': jwkOf({ k: 'c2VjcmV0' }),
      'with a point off the curve': jwkOf({ y: HOLDER.jwk['x'] }),
      'with half a point': jwkOf({ y: undefined }),
      'with a point in another spelling': jwkOf({ x: `${String(HOLDER.jwk['x'])}=` }),
      'with a number as coordinate': jwkOf({ x: 7 }),
      'with a key of another curve': headerOf({ jwk: keyPair('P-384').jwk }),
      'with an RSA key for ES256': headerOf({ jwk: rsa.jwk }),
      'with an EC key for PS256': headerOf({ alg: 'PS256' }),
      'with an EC key for EdDSA': headerOf({ alg: 'EdDSA' }),
      'with a weak RSA key': proofWith({}, rsaKeyPair(1024)),
      'with a key for encryption': jwkOf({ use: 'enc' }),
      'with a key for another algorithm': jwkOf({ alg: 'ES384' }),
    }),
    ...rows('dpop_proof_key_wrong', {
      'of another key': proofWith({}, keyPair()),
      'of another kind of key': proofWith({}, rsa),
    }),
    ...rows('dpop_proof_signature_invalid', {
      'signed by another key': proofWith({ signature: signatureBy(keyPair()) }),
      'with a signature of nothing': proofWith({ signature: () => Buffer.alloc(64) }),
      'with a signature in DER': proofWith({
        signature: (input) => sign('sha256', Buffer.from(input), HOLDER.privateKey),
      }),
      'whose claims were changed': `${header}.${encoded({ ...CLAIMS, htm: 'GET' })}.${signature}`,
    }),
    ...rows('dpop_proof_claims_invalid', {
      'without jti': claimsOf({ jti: undefined }),
      'with an empty jti': claimsOf({ jti: '' }),
      'with a number as jti': claimsOf({ jti: 7 }),
      'with a jti of 257 characters': claimsOf({ jti: 'a'.repeat(257) }),
      'without htm': claimsOf({ htm: undefined }),
      'without htu': claimsOf({ htu: undefined }),
      'with a list of URIs': claimsOf({ htu: [REQUEST.uri] }),
      'without iat': claimsOf({ iat: undefined }),
      'with a text as iat': claimsOf({ iat: String(NOW) }),
      'with a fraction as iat': claimsOf({ iat: NOW + 0.5 }),
      'without ath': claimsOf({ ath: undefined }),
      'with a text as exp': claimsOf({ exp: String(NOW + 60) }),
    }),
    ...rows('dpop_proof_method_wrong', {
      'for GET': claimsOf({ htm: 'GET' }),
      'for post': claimsOf({ htm: 'post' }),
    }),
    ...rows('dpop_proof_uri_wrong', {
      'for another path': claimsOf({ htu: `${REQUEST.uri}/1` }),
      'for another host': claimsOf({ htu: 'https://localhost.evil.example:8443/orders' }),
      'for another port': claimsOf({ htu: 'https://localhost/orders' }),
      'for http': claimsOf({ htu: 'http://localhost:8443/orders' }),
      'for the path alone': claimsOf({ htu: '/orders' }),
      'for what is no URI': claimsOf({ htu: 'orders' }),
    }),
    ...rows('dpop_proof_not_recent', {
      'of 61 seconds ago': claimsOf({ iat: NOW - 61 }),
      'dated 11 seconds to come': claimsOf({ iat: NOW + 11 }),
      'that has expired': claimsOf({ exp: NOW }),
      'that is not valid yet': claimsOf({ nbf: NOW + 11 }),
    }),
    ...rows('dpop_proof_token_wrong', {
      'for another token': claimsOf({ ath: HOLDER.thumbprint }),
      'with the hash in hex': claimsOf({
        ath: Buffer.from(CLAIMS.ath, 'base64url').toString('hex'),
      }),
    }),
  ])('%s: %s', async (_broken, code, proof) => {
    await expect(verifyProof(proof)).rejects.toMatchObject({ code, message: code });
    await expect(verifyProof(proofWith())).resolves.toEqual({ jti: CLAIMS.jti, iat: NOW });
  });

  it('of which any one character was changed', async () => {
    const proof = proofWith();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=';
    await fc.assert(
      fc.asyncProperty(fc.nat(proof.length - 1), fc.nat(alphabet.length - 1), async (at, other) => {
        const character = alphabet.charAt(other);
        fc.pre(proof[at] !== character);
        const changed = proof.slice(0, at) + character + proof.slice(at + 1);
        await expect(verifyProof(changed)).rejects.toMatchObject({
          name: 'DpopProofRejected',
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('DpopProofVerifier takes a proof', () => {
  it.each<[string, string, DpopKeyPair]>([
    ['by ES256', proofWith(), HOLDER],
    ['by PS256', proofWith({}, rsa), rsa],
    ['by EdDSA', proofWith({}, edwards), edwards],
    ['by Ed25519', proofWith({}, { ...edwards, alg: 'Ed25519' }), edwards],
    ['with more about its key', jwkOf({ kid: '1', use: 'sig', alg: 'ES256', ext: true }), HOLDER],
    ['with a nonce nobody asked for', claimsOf({ nonce: 'n' }), HOLDER],
    ['of a minute ago', claimsOf({ iat: NOW - 60 }), HOLDER],
    ['by a clock that is ahead', claimsOf({ iat: NOW + 10, exp: NOW + 60 }), HOLDER],
    ['with a query', claimsOf({ htu: `${REQUEST.uri}?a=b#c` }), HOLDER],
    ['with a host in capitals', claimsOf({ htu: 'HTTPS://LOCALHOST:8443/orders' }), HOLDER],
  ])('%s', async (_name, proof, pair) => {
    await expect(verifyProof(proof, pair)).resolves.toMatchObject({ jti: CLAIMS.jti });
  });

  it.each([HOLDER, rsa, edwards])('by the thumbprint that jose computes: $alg', async (pair) => {
    expect(await calculateJwkThumbprint(pair.jwk as JWK)).toBe(pair.thumbprint);
  });
});
