import {
  errorWith,
  GATEWAY,
  hoursFromNow,
  mintAuthority,
  mintLeaf,
  ORDERS,
  type Minted,
} from './certificate.fixture';
import { SvidChainVerifier } from './svid-chain.verifier';
import { TrustBundle } from './trust-bundle';
import { TrustDomain } from './trust-domain';

const trustDomain = TrustDomain.parse('sallyport.internal');

describe('SvidChainVerifier', () => {
  let root: Minted;
  let intermediate: Minted;
  let leaf: Minted;
  let bundle: TrustBundle;
  let now: Date;
  let verifier: SvidChainVerifier;

  beforeEach(async () => {
    root = await mintAuthority(undefined, { notAfter: hoursFromNow(10) });
    intermediate = await mintAuthority(root, { notAfter: hoursFromNow(2) });
    leaf = await mintLeaf(ORDERS, intermediate, { notAfter: hoursFromNow(5) });
    bundle = TrustBundle.parse(root.pem);
    now = new Date();
    const options = { trustDomain, bundle: () => bundle, clock: () => now, maxEntries: 2 };
    verifier = new SvidChainVerifier(options);
  });

  const chain = (): Buffer[] => [leaf.der, intermediate.der];

  it('refuses a remembered chain once any of its certificates has expired', () => {
    verifier.verify(chain());
    now = hoursFromNow(3);
    expect(() => verifier.verify(chain())).toThrow(errorWith('svid_expired'));
  });

  it('refuses a remembered chain before its time, when the clock was set back', () => {
    verifier.verify(chain());
    now = hoursFromNow(-3);
    expect(() => verifier.verify(chain())).toThrow(errorWith('svid_not_yet_valid'));
  });

  it('refuses a remembered chain once its root has left the bundle', async () => {
    verifier.verify(chain());
    bundle = TrustBundle.parse((await mintAuthority()).pem);
    expect(() => verifier.verify(chain())).toThrow(errorWith('svid_chain_untrusted'));
  });

  it('refuses the bytes of a remembered chain when they are cut differently', () => {
    verifier.verify(chain());
    expect(() => verifier.verify([Buffer.concat(chain())])).toThrow(errorWith('svid_malformed'));
  });

  it('does not remember a refusal', () => {
    now = hoursFromNow(3);
    expect(() => verifier.verify(chain())).toThrow();
    now = hoursFromNow(0);
    expect(verifier.verify(chain()).spiffeId.toString()).toBe(ORDERS);
  });

  it('keeps only the most recently used chains', async () => {
    const [second, third] = [await mintLeaf(GATEWAY, root), await mintLeaf(GATEWAY, root)];
    const first = verifier.verify(chain());
    const forgotten = verifier.verify([second.der]);
    verifier.verify(chain());
    verifier.verify([third.der]);
    expect(verifier.verify(chain())).toBe(first);
    expect(verifier.verify([second.der])).not.toBe(forgotten);
  });

  it('verifies a chain once and gives its key and common period', () => {
    const verified = verifier.verify(chain());
    expect(verifier.verify(chain())).toBe(verified);
    expect(verified.publicKey.asymmetricKeyType).toBe('ec');
    expect(verified.notAfter.getTime()).toBeLessThan(hoursFromNow(2.1).getTime());
    expect(verified.notAfter.getTime()).toBeGreaterThan(hoursFromNow(1.9).getTime());
  });
});
