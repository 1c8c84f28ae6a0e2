import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { Svid } from '@sallyport/workload-identity';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { TransactionTokenMinter, type Transaction } from './transaction-token-minter';
import { clockAtNow, NOW, trustDomain, WorkloadCa } from './workloads.fixture';

const TRANSACTION: Transaction = {
  principal: { id: 'user-1', type: 'user', scopes: new Set(['orders:read', 'a:b']) },
  context: { method: 'GET', route: '/orders/:id', clientAddress: '::1' },
};

describe('TransactionTokenMinter', () => {
  let ca: WorkloadCa;
  let gateway: Svid;
  beforeAll(async () => {
    ca = await WorkloadCa.create();
    gateway = await ca.issue('gateway');
  });
  const optionsOf = (svid: Svid) => ({ source: ca.sourceOf(svid), trustDomain, clock: clockAtNow });

  it.each([0, -1, 61, 1.5, Number.NaN])('refuses a lifetime of %d seconds', (lifetimeSeconds) => {
    expect(() => new TransactionTokenMinter({ ...optionsOf(gateway), lifetimeSeconds })).toThrow(
      TypeError,
    );
  });

  it('refuses a key that is not P-256', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const other = Object.create(gateway, { privateKey: { value: privateKey } }) as Svid;
    expect(() => new TransactionTokenMinter(optionsOf(other)).mint(TRANSACTION)).toThrow(TypeError);
  });

  it('gives each transaction an id of its own', () => {
    const minter = new TransactionTokenMinter(optionsOf(gateway));
    const tokens = [1, 2, 3].map(() => minter.mint(TRANSACTION));
    const ids = tokens.map((token) => claimsOf(token)['txn']);
    expect(new Set(ids).size).toBe(3);
  });

  it('signs by a renewed SVID from the next token on', async () => {
    const source = ca.sourceOf(gateway);
    const minter = new TransactionTokenMinter({ ...optionsOf(gateway), source });
    minter.mint(TRANSACTION);
    const renewed = await ca.issue('gateway');
    source.replace({ svid: renewed, bundle: ca.bundle });
    const { x5c = [] } = decodeProtectedHeader(minter.mint(TRANSACTION));
    expect(x5c).toEqual(renewed.chain.map((der) => der.toString('base64')));
  });

  it('writes what the draft asks for, and another implementation verifies it', async () => {
    const minter = new TransactionTokenMinter({
      ...optionsOf(gateway),
      lifetimeSeconds: 30,
      newId: () => 'txn-1',
    });
    const token = minter.mint(TRANSACTION);
    const { x5c = [] } = decodeProtectedHeader(token);
    const leaf = new X509Certificate(Buffer.from(x5c[0] ?? '', 'base64'));
    const { protectedHeader } = await compactVerify(token, leaf.publicKey, {
      algorithms: ['ES256'],
    });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'txntoken+jwt', x5c });
    expect(x5c).toHaveLength(2);
    expect(claimsOf(token)).toEqual({
      aud: 'sallyport.internal',
      iat: NOW,
      exp: NOW + 30,
      txn: 'txn-1',
      sub: 'user-1',
      scope: 'orders:read a:b',
      req_wl: 'spiffe://sallyport.internal/ns/sallyport/sa/gateway',
      tctx: { principal_type: 'user' },
      rctx: { method: 'GET', route: '/orders/:id', req_ip: '::1' },
    });
  });
});

function claimsOf(token: string): Record<string, unknown> {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return JSON.parse(payload) as Record<string, unknown>;
}
