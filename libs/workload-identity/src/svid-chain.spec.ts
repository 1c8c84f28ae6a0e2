import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import {
  errorWith,
  GATEWAY,
  hoursFromNow,
  mintAuthority,
  mintLeaf,
  ORDERS,
  uriNames,
  type Minted,
} from './certificate.fixture';
import { verifySvidChain } from './svid-chain';
import { SvidRejected } from './svid-rejected.error';
import { TrustBundle } from './trust-bundle';
import { TrustDomain } from './trust-domain';

const trustDomain = TrustDomain.parse('sallyport.internal');
const now = new Date();
const bundleOf = (...roots: Minted[]): TrustBundle =>
  TrustBundle.parse(roots.map(({ pem }) => pem).join(''));
const ders = (...certificates: Minted[]): Buffer[] => certificates.map(({ der }) => der);
const limited = (pathLength: number): x509.Extension =>
  new x509.BasicConstraintsExtension(true, pathLength, true);

interface Case {
  readonly chain: readonly Buffer[];
  readonly roots: readonly Minted[];
}

describe('verifySvidChain', () => {
  let root: Minted;
  let intermediate: Minted;
  let leaf: Minted;

  beforeAll(async () => {
    root = await mintAuthority();
    intermediate = await mintAuthority(root);
    leaf = await mintLeaf(ORDERS, intermediate);
  });

  const refusals: Record<string, [code: string, build: () => Promise<Case> | Case]> = {
    'an empty chain': ['svid_certificate_missing', () => ({ chain: [], roots: [root] })],
    'a missing intermediate': [
      'svid_chain_untrusted',
      () => ({ chain: ders(leaf), roots: [root] }),
    ],
    'another root': [
      'svid_chain_untrusted',
      async () => ({ chain: ders(leaf, intermediate), roots: [await mintAuthority()] }),
    ],
    'another root of the same name': [
      'svid_chain_untrusted',
      async () => {
        const subject = 'CN=the root';
        const [genuine, namesake] = [
          await mintAuthority(undefined, { subject }),
          await mintAuthority(undefined, { subject }),
        ];
        return { chain: ders(await mintLeaf(ORDERS, namesake)), roots: [genuine] };
      },
    ],
    'a self-signed leaf': [
      'svid_chain_untrusted',
      async () => ({ chain: ders(await mintLeaf(ORDERS)), roots: [root] }),
    ],
    'a self-signed leaf with a genuine chain behind it': [
      'svid_chain_untrusted',
      async () => ({ chain: ders(await mintLeaf(ORDERS), intermediate), roots: [root] }),
    ],
    'certificates out of order': [
      'svid_is_ca',
      () => ({ chain: ders(intermediate, leaf), roots: [root] }),
    ],
    'an unrelated root sent along': [
      'svid_chain_untrusted',
      async () => ({ chain: ders(await mintLeaf(ORDERS), root), roots: [root] }),
    ],
    'a certificate that does not belong between': [
      'svid_chain_untrusted',
      async () => ({ chain: ders(leaf, await mintAuthority(root), intermediate), roots: [root] }),
    ],
    'a leaf signed by another leaf': [
      'svid_chain_untrusted',
      async () => {
        const victim = await mintLeaf(GATEWAY, leaf);
        return { chain: ders(victim, leaf, intermediate), roots: [root] };
      },
    ],
    'a chain of five': [
      'svid_chain_untrusted',
      () => ({ chain: ders(leaf, intermediate, root, root, root), roots: [root] }),
    ],
    'more intermediates than the root allows': [
      'svid_chain_untrusted',
      async () => {
        const narrow = await mintAuthority(undefined, { parts: { basicConstraints: limited(0) } });
        const below = await mintAuthority(narrow);
        return { chain: ders(await mintLeaf(ORDERS, below), below), roots: [narrow] };
      },
    ],
    'an authority without keyCertSign': [
      'svid_chain_untrusted',
      async () => {
        const keyUsage = new x509.KeyUsagesExtension(x509.KeyUsageFlags.cRLSign, true);
        const unable = await mintAuthority(root, { parts: { keyUsage } });
        return { chain: ders(await mintLeaf(ORDERS, unable), unable), roots: [root] };
      },
    ],
    'an authority whose SPIFFE ID has a path': [
      'svid_chain_untrusted',
      async () => {
        const named = await mintAuthority(root, { parts: { names: uriNames(ORDERS) } });
        return { chain: ders(await mintLeaf(ORDERS, named), named), roots: [root] };
      },
    ],
    'an authority of another trust domain': [
      'trust_domain_foreign',
      async () => {
        const foreign = await mintAuthority(root, { parts: { names: uriNames('spiffe://other') } });
        return { chain: ders(await mintLeaf(ORDERS, foreign), foreign), roots: [root] };
      },
    ],
    'a leaf of another trust domain': [
      'trust_domain_foreign',
      async () => ({ chain: ders(await mintLeaf('spiffe://other/a', root)), roots: [root] }),
    ],
    'an expired leaf': [
      'svid_expired',
      async () => {
        const old = await mintLeaf(ORDERS, root, { notAfter: hoursFromNow(-0.5) });
        return { chain: ders(old), roots: [root] };
      },
    ],
    'a leaf that is not yet valid': [
      'svid_not_yet_valid',
      async () => {
        const early = await mintLeaf(ORDERS, root, { notBefore: hoursFromNow(0.5) });
        return { chain: ders(early), roots: [root] };
      },
    ],
    'an expired intermediate': [
      'svid_expired',
      async () => {
        const old = await mintAuthority(root, { notAfter: hoursFromNow(-0.5) });
        return { chain: ders(await mintLeaf(ORDERS, old), old), roots: [root] };
      },
    ],
    'an expired root': [
      'svid_expired',
      async () => {
        const old = await mintAuthority(undefined, { notAfter: hoursFromNow(-0.5) });
        return { chain: ders(await mintLeaf(ORDERS, old)), roots: [old] };
      },
    ],
    'a leaf with two URI SANs': [
      'svid_uri_san_multiple',
      async () => {
        const two = await mintLeaf(ORDERS, root, { parts: { names: uriNames(ORDERS, GATEWAY) } });
        return { chain: ders(two), roots: [root] };
      },
    ],
    'bytes after a certificate': [
      'svid_malformed',
      () => ({
        chain: [Buffer.concat([leaf.der, Buffer.alloc(1)]), intermediate.der],
        roots: [root],
      }),
    ],
  };

  it.each(Object.entries(refusals))('refuses %s', async (_case, [code, build]) => {
    const { chain, roots } = await build();
    expect(() => verifySvidChain(chain, bundleOf(...roots), { now, trustDomain })).toThrow(
      errorWith(code),
    );
  });

  it('refuses a leaf in which any bit was flipped', () => {
    const bundle = bundleOf(root);
    for (let position = 0; position < leaf.der.length; position += 7) {
      const altered = Buffer.from(leaf.der);
      altered[position] = (altered[position] ?? 0) ^ (1 << (position % 8));
      expect(() =>
        verifySvidChain([altered, intermediate.der], bundle, { now, trustDomain }),
      ).toThrow(SvidRejected);
    }
  });

  it('verifies a leaf under a root, behind an intermediate, and with the root sent along', async () => {
    const direct = await mintLeaf(ORDERS, root);
    for (const chain of [ders(direct), ders(leaf, intermediate), ders(leaf, intermediate, root)]) {
      expect(verifySvidChain(chain, bundleOf(root), { now, trustDomain }).toString()).toBe(ORDERS);
    }
  });

  it('does not count a root that was sent along as an intermediate', async () => {
    const narrow = await mintAuthority(undefined, { parts: { basicConstraints: limited(1) } });
    const below = await mintAuthority(narrow);
    const chain = ders(await mintLeaf(ORDERS, below), below, narrow);
    expect(verifySvidChain(chain, bundleOf(narrow), { now, trustDomain }).toString()).toBe(ORDERS);
  });

  it('verifies under each root of a bundle, and behind as many intermediates as are allowed', async () => {
    const next = await mintAuthority(undefined, { parts: { basicConstraints: limited(1) } });
    const below = await mintAuthority(next, { parts: { basicConstraints: limited(0) } });
    const chain = ders(await mintLeaf(GATEWAY, below), below);
    const id = verifySvidChain(chain, bundleOf(root, next), { now, trustDomain });
    expect(id.toString()).toBe(GATEWAY);
  });
});
