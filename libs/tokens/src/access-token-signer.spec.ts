import { compactVerify } from 'jose';
import { AccessTokenSigner } from './access-token-signer';
import { certificateThumbprint } from './confirmation';
import { AUDIENCE, clockAtNow, ISSUER, issuerKeys, KID, NOW, verifierOf } from './issuer.fixture';

const options = { issuer: ISSUER, audience: AUDIENCE, clock: clockAtNow };
const signingKey = { kid: KID, privateKey: issuerKeys.privateKey };
const grant = { subject: 'user-1', clientId: 'web', scopes: new Set(['orders:read', 'a:b']) };

describe('AccessTokenSigner', () => {
  it.each([0, -1, 901, 1.5, Number.NaN])('refuses a lifetime of %d seconds', (lifetimeSeconds) => {
    expect(() => new AccessTokenSigner({ ...options, lifetimeSeconds })).toThrow(TypeError);
  });

  it('refuses to bind a token to what is no thumbprint', async () => {
    const signer = new AccessTokenSigner({ ...options, lifetimeSeconds: 900 });
    const bound = { ...grant, certificateThumbprint: 'AA' };
    await expect(signer.sign(bound, signingKey)).rejects.toThrow(TypeError);
  });

  it('signs each token under an id of its own', async () => {
    const signer = new AccessTokenSigner({ ...options, lifetimeSeconds: 900 });
    const tokens = await Promise.all([1, 2, 3].map(() => signer.sign(grant, signingKey)));
    expect(new Set(tokens.map(({ jti }) => jti)).size).toBe(3);
  });

  it('writes no member for what the grant does not say', async () => {
    const signer = new AccessTokenSigner({ ...options, lifetimeSeconds: 60, newId: () => 'id' });
    const { token } = await signer.sign(grant, signingKey);
    const { payload, protectedHeader } = await compactVerify(token, issuerKeys.publicKey);
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: KID });
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'user-1',
      client_id: 'web',
      scope: 'orders:read a:b',
      iat: NOW,
      exp: NOW + 60,
      jti: 'id',
    });
  });

  it('signs what the verifier accepts', async () => {
    const signer = new AccessTokenSigner({ ...options, lifetimeSeconds: 900 });
    const { token, expiresIn, jti } = await signer.sign(
      { ...grant, sessionId: 's', acr: 'urn:a', amr: ['pwd', 'otp'], authTime: NOW - 5 },
      signingKey,
    );
    expect(expiresIn).toBe(900);
    await expect(verifierOf().verify(token)).resolves.toMatchObject({
      ...{ sub: 'user-1', client_id: 'web', jti, scopes: grant.scopes },
      ...{ sid: 's', acr: 'urn:a', amr: ['pwd', 'otp'], auth_time: NOW - 5 },
    });
  });

  it('binds a token to a certificate, for the verifier to read', async () => {
    const signer = new AccessTokenSigner({ ...options, lifetimeSeconds: 900 });
    const x5t = certificateThumbprint(Buffer.from('a certificate'));
    const { token } = await signer.sign(
      {
        ...{ subject: 'acme', clientId: 'acme', scopes: ['orders:read'] },
        ...{ certificateThumbprint: x5t, principalType: 'partner' },
      },
      signingKey,
    );
    const { payload } = await compactVerify(token, issuerKeys.publicKey);
    expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({
      cnf: { 'x5t#S256': x5t },
      principal_type: 'partner',
    });
    await expect(verifierOf().verify(token)).resolves.toMatchObject({
      ...{ sub: 'acme', certificateThumbprint: x5t, principal_type: 'partner' },
    });
  });
});
