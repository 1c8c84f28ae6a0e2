import { errorWith, mintAuthority, mintLeaf, ORDERS, uriNames } from './certificate.fixture';
import { TrustBundle } from './trust-bundle';

describe('TrustBundle', () => {
  it('refuses a text without a certificate, a cut one, and certificates that may not sign', async () => {
    const root = await mintAuthority();
    const named = await mintAuthority(undefined, { parts: { names: uriNames(ORDERS) } });
    const leaf = await mintLeaf(ORDERS, root);
    for (const pem of ['', root.keyPem, root.pem + root.pem.slice(0, 99), leaf.pem, named.pem]) {
      expect(() => TrustBundle.parse(pem)).toThrow(errorWith('trust_bundle_invalid'));
    }
  });

  it('holds several roots', async () => {
    const [present, next] = [await mintAuthority(), await mintAuthority()];
    const bundle = TrustBundle.parse(`present\n${present.pem}next\n${next.pem}`);
    expect(bundle.roots.map(({ raw }) => raw.toString('hex'))).toEqual(
      [present, next].map(({ der }) => der.toString('hex')),
    );
    expect(TrustBundle.parse(bundle.pem).pem).toBe(bundle.pem);
    expect(bundle.rootsPem).toHaveLength(2);
  });
});
