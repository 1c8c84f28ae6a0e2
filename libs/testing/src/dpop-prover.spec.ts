import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify, type JWK } from 'jose';
import { DpopProver } from './dpop-prover';

const prover = new DpopProver();
const call = { method: 'GET', uri: 'https://localhost:8443/orders', accessToken: 'a-token' };
const verify = (proof: string) =>
  jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'] });

describe('DpopProver', () => {
  it('makes proofs that jose takes, by a key that jose calls the same', async () => {
    const { payload, protectedHeader } = await verify(prover.proof(call));
    expect(payload).toMatchObject({ htm: 'GET', htu: call.uri, jti: expect.any(String) });
    expect(await calculateJwkThumbprint(protectedHeader.jwk as JWK)).toBe(prover.thumbprint);
  });

  it('breaks what it is told to, and nothing else', async () => {
    const { privateKey } = new DpopProver();
    await expect(verify(prover.proof(call, { privateKey }))).rejects.toMatchObject({
      code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    });
    await expect(verify(prover.proof(call, { header: { typ: 'JWT' } }))).rejects.toThrow();
    const { payload } = await verify(prover.proof(call, { payload: { jti: undefined } }));
    expect(payload).toMatchObject({ htm: 'GET', ath: expect.any(String) });
    expect(payload).not.toHaveProperty('jti');
  });
});
