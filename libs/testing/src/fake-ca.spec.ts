import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevCa } from '@sallyport/dev-ca';
import { FileSvidSource, verifySvidChain } from '@sallyport/workload-identity';
import { FakeCa } from './fake-ca';
import type { FakeLeaf } from './fake-leaf';

const errorWith = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('FakeCa', () => {
  let ca: FakeCa;

  beforeAll(async () => {
    ca = await FakeCa.create();
  });

  const verify = (chain: readonly Buffer[], by = ca): string =>
    verifySvidChain(chain, by.bundle(), {
      now: new Date(),
      trustDomain: by.trustDomain,
    }).toString();

  it.each<[string, (leaf: FakeLeaf) => FakeLeaf, string]>([
    ['expired', (leaf) => leaf.expired(), 'svid_expired'],
    ['not yet valid', (leaf) => leaf.notYetValid(), 'svid_not_yet_valid'],
    ['two URI SANs', (leaf) => leaf.twoUriSans(), 'svid_uri_san_multiple'],
    ['no URI SAN', (leaf) => leaf.noUriSan(), 'svid_uri_san_missing'],
    ['an authority', (leaf) => leaf.isCa(), 'svid_is_ca'],
    ['another trust domain', (leaf) => leaf.otherTrustDomain(), 'trust_domain_foreign'],
    ['the id of the trust domain', (leaf) => leaf.rootPath(), 'svid_path_missing'],
    ['no SPIFFE ID', (leaf) => leaf.notASpiffeId(), 'svid_spiffe_id_invalid'],
    ['only serverAuth', (leaf) => leaf.onlyServerAuth(), 'svid_ext_key_usage'],
    ['only clientAuth', (leaf) => leaf.onlyClientAuth(), 'svid_ext_key_usage'],
    ['no key usage', (leaf) => leaf.withoutKeyUsage(), 'svid_key_usage'],
    ['another key usage', (leaf) => leaf.wrongKeyUsage(), 'svid_key_usage'],
    ['self-signed', (leaf) => leaf.selfSigned(), 'svid_chain_untrusted'],
    ['broken twice', (leaf) => leaf.expired().noUriSan(), 'svid_uri_san_missing'],
  ])('mints a leaf that is refused: %s', async (_case, mutate, code) => {
    const { chain } = await mutate(ca.leaf('orders-service')).issue();
    expect(() => verify(chain)).toThrow(errorWith(code));
  });

  it('is a stranger to another one made alike', async () => {
    const { chain } = await (await FakeCa.create()).leaf('orders-service').issue();
    expect(() => verify(chain)).toThrow(errorWith('svid_chain_untrusted'));
  });

  it('mints valid SVIDs', async () => {
    const { chain } = await ca.leaf('orders-service').issue();
    const id = 'spiffe://sallyport.internal/ns/sallyport/sa/orders-service';
    expect(verify(chain)).toBe(id);
    expect(verify((await ca.leaf('a').withoutExtendedKeyUsage().issue()).chain)).toContain('/sa/a');
    const { svid, bundle } = (await ca.source('orders-service')).current();
    expect(svid.spiffeId.toString()).toBe(id);
    expect(bundle).toBe(ca.bundle());
  });

  describe('with a folder', () => {
    let folder: string;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'fake-ca-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('refuses one that holds no authority', async () => {
      await expect(FakeCa.fromDevCa(folder)).rejects.toMatchObject({ name: 'DevCaError' });
    });

    it('signs with the keys of a certificate folder', async () => {
      const devCa = await DevCa.open(folder);
      const fakeCa = await FakeCa.fromDevCa(folder);
      expect(verify((await devCa.issueWorkload('gateway')).chain, fakeCa)).toContain('/sa/gateway');
      const { chain } = await fakeCa.leaf('gateway').expired().issue();
      expect(() => verify(chain, fakeCa)).toThrow(errorWith('svid_expired'));
    });

    it('writes an SVID directory', async () => {
      await ca.writeIdentityFiles(folder, 'gateway');
      const source = await FileSvidSource.open({ directory: folder });
      expect(source.current().svid.spiffeId.equals(ca.spiffeId('gateway'))).toBe(true);
      source.close();
    });
  });
});
