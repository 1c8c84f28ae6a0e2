import { inspect } from 'node:util';
import {
  errorWith,
  mintAuthority,
  mintContext,
  mintLeaf,
  ORDERS,
  uriNames,
  type Minted,
} from './certificate.fixture';
import { Svid, type SvidPem } from './svid';

describe('Svid', () => {
  let root: Minted;
  let leaf: Minted;

  beforeAll(async () => {
    root = await mintAuthority();
    leaf = await mintLeaf(ORDERS, root);
  });

  const refusals: Record<string, [code: string, build: () => Promise<SvidPem> | SvidPem]> = {
    'an empty chain': [
      'svid_malformed',
      () => ({ certificateChainPem: '', privateKeyPem: leaf.keyPem }),
    ],
    'a chain that was cut': [
      'svid_malformed',
      () => ({
        certificateChainPem: leaf.pem + root.pem.slice(0, 200),
        privateKeyPem: leaf.keyPem,
      }),
    ],
    'garbage in the chain': [
      'svid_malformed',
      () => ({
        certificateChainPem: leaf.pem.replace(/\n.{8}/, '\nAAAAAAAA'),
        privateKeyPem: leaf.keyPem,
      }),
    ],
    'an empty key': [
      'svid_key_malformed',
      () => ({ certificateChainPem: leaf.pem, privateKeyPem: '' }),
    ],
    'a certificate in place of the key': [
      'svid_key_malformed',
      () => ({ certificateChainPem: leaf.pem, privateKeyPem: leaf.pem }),
    ],
    'the key of another certificate': [
      'svid_key_mismatch',
      () => ({ certificateChainPem: leaf.pem, privateKeyPem: root.keyPem }),
    ],
    'an authority': [
      'svid_is_ca',
      () => ({ certificateChainPem: root.pem, privateKeyPem: root.keyPem }),
    ],
    'a leaf with two URI SANs': [
      'svid_uri_san_multiple',
      async () => {
        const names = uriNames(ORDERS, `${ORDERS}2`);
        const two = await mintLeaf(ORDERS, root, { parts: { names } });
        return { certificateChainPem: two.pem, privateKeyPem: two.keyPem };
      },
    ],
  };

  it.each(Object.entries(refusals))('refuses %s', async (_case, [code, build]) => {
    const pem = await build();
    expect(() => Svid.parse(pem)).toThrow(errorWith(code));
  });

  it('does not show its key when printed or serialised', async () => {
    const { svid } = await mintContext(ORDERS, root);
    const secret = svid.privateKeyPem.split('\n')[1] ?? '';
    expect(secret).toHaveLength(64);
    expect(inspect(svid, { depth: 5, getters: false })).not.toContain(secret);
    expect(JSON.stringify(svid)).not.toContain(secret);
  });

  it('parses a chain and its key', () => {
    const certificateChainPem = leaf.pem + root.pem;
    const svid = Svid.parse({ certificateChainPem, privateKeyPem: leaf.keyPem });
    expect(svid.spiffeId.toString()).toBe(ORDERS);
    expect(svid.chain.map((der) => der.equals(leaf.der) || der.equals(root.der))).toEqual([
      true,
      true,
    ]);
    expect(svid.privateKey.type).toBe('private');
    expect(svid.notAfter.getTime() - svid.notBefore.getTime()).toBe(2 * 3_600_000);
    expect(svid).toMatchObject({ certificateChainPem, privateKeyPem: leaf.keyPem });
  });
});
