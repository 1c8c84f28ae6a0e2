import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { parseCertificateName } from './certificate-name';
import { newCertificate, newThumbprint, partnersOf, presented } from './partners.fixture';
import type { PartnersReplica } from './partners.fixture';

let database: Database<AuthTables>;
let replica: PartnersReplica;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  replica = await partnersOf(database);
});

const newName = () => `dns:${randomUUID()}.example`;
const find = async (id: string) => (await replica.registry.list()).find((each) => each.id === id);

describe('PartnerRegistryService refuses', () => {
  it.each<[string, (id: string) => Promise<unknown>]>([
    ['setScopes', (id) => replica.registry.setScopes(id, 'orders:read')],
    ['setLimit', (id) => replica.registry.setLimit(id, '10')],
    ['disable', (id) => replica.registry.disable(id)],
    ['enable', (id) => replica.registry.enable(id)],
    ['addName', (id) => replica.registry.addName(id, newName())],
    ['removeName', (id) => replica.registry.removeName(id, newName())],
  ])('%s for a partner nobody has registered', async (_name, order) => {
    await expect(order(`p-${randomUUID()}`)).rejects.toMatchObject({
      status: 'NOT_FOUND',
      reason: 'partner_not_found',
    });
    expect(replica.feed.published).toEqual([]);
    expect(replica.events.all).toEqual([]);
  });

  it('a second partner of the same id, and leaves the first as it is', async () => {
    const id = await replica.newPartner('orders:read');
    await expect(replica.registry.add(id, 'Another', 'keys:manage')).rejects.toMatchObject({
      status: 'ALREADY_EXISTS',
      reason: 'partner_exists',
    });
    expect(await find(id)).toMatchObject({ name: 'A partner', scopes: ['orders:read'] });
  });

  it('all but one of many partners that claim the same name at once', async () => {
    const [name, ids] = [
      newName(),
      await Promise.all(Array.from({ length: 5 }, () => replica.newPartner())),
    ];
    const settled = await Promise.allSettled(ids.map((id) => replica.registry.addName(id, name)));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of settled) {
      if (each.status === 'rejected')
        expect(each.reason).toMatchObject({ reason: 'certificate_name_taken' });
    }
  });

  it('the name of another partner in another case', async () => {
    const name = newName();
    await replica.registry.addName(await replica.newPartner(), name);
    const id = await replica.newPartner();
    const again = replica.registry.addName(id, `DNS:${name.slice(4).toUpperCase()}`);
    await expect(again).rejects.toMatchObject({ reason: 'certificate_name_taken' });
  });

  it('a name for a partner with a certificate, until that is retired', async () => {
    const { id, certificate } = await replica.newPinnedPartner();
    await expect(replica.registry.addName(id, newName())).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'partner_known_by_certificates',
    });
    await replica.certificates.retire(id, certificate.thumbprint);
    await expect(replica.registry.addName(id, newName())).resolves.toMatch(/^dns:/);
  });

  it('to remove a name of another partner', async () => {
    const [owner, other, name] = [
      await replica.newPartner(),
      await replica.newPartner(),
      newName(),
    ];
    await replica.registry.addName(owner, name);
    await expect(replica.registry.removeName(other, name)).rejects.toMatchObject({
      status: 'NOT_FOUND',
      reason: 'certificate_name_not_found',
    });
    expect((await find(owner))?.names).toEqual([name]);
  });
});

describe('PartnerRegistryService', () => {
  it('lists partners with what they are known by', async () => {
    const { id: pinned, certificate } = await replica.newPinnedPartner();
    const [named, name] = [await replica.newPartner(), newName()];
    await replica.registry.addName(named, name);
    await replica.registry.setLimit(named, '120');
    expect(await find(pinned)).toMatchObject({
      certificates: [{ thumbprint: certificate.thumbprint, expiresAt: expect.any(Date) as Date }],
      names: [],
    });
    expect(await find(named)).toMatchObject({
      ...{ certificates: [], names: [name], requestsPerMinute: 120 },
    });
    await replica.registry.setLimit(named, 'none');
    expect((await find(named))?.requestsPerMinute).toBeUndefined();
  });

  it.each<[string, (id: string) => Promise<unknown>, number]>([
    ['partner_scopes_changed', (id) => replica.registry.setScopes(id, 'orders:read'), 1],
    [
      'partner_scopes_changed',
      (id) => replica.registry.setScopes(id, 'orders:write a orders:read'),
      0,
    ],
    ['partner_limit_changed', (id) => replica.registry.setLimit(id, '5'), 1],
    ['partner_disabled', (id) => replica.registry.disable(id), 1],
    ['partner_enabled', (id) => replica.registry.enable(id), 0],
    ['partner_name_added', (id) => replica.registry.addName(id, newName()), 0],
  ])('leaves a trace, %s, and tells the gateways what narrows', async (reason, order, epochs) => {
    const id = await replica.newPartner();
    await order(id);
    expect(replica.events.all).toMatchObject([
      { type: 'partner', outcome: 'succeeded', reason, target: id },
    ]);
    const issuedBefore = replica.clock.epochSeconds + 1;
    expect(replica.feed.published).toEqual(
      Array(epochs).fill(expect.objectContaining({ kind: 'client', id, issuedBefore })),
    );
  });

  it('keeps the time since when a partner is disabled', async () => {
    const id = await replica.newPartner();
    await replica.registry.disable(id);
    const disabledAt = replica.clock.now();
    replica.clock.advance({ seconds: 60 });
    await replica.registry.disable(id);
    expect(await find(id)).toMatchObject({ disabledAt });
  });
});

describe('PartnerSeeding', () => {
  const listed = (names: readonly string[]) => ({
    id: `p-${randomUUID()}`,
    name: 'Acme Ltd',
    scopes: ['orders:read'],
    names: names.flatMap((name) => parseCertificateName(name) ?? []),
  });

  it('leaves a partner that exists as it is, and a name that is taken with its owner', async () => {
    const name = newName();
    const first = listed([name]);
    await replica.seeding.seed([first]);
    await replica.registry.setScopes(first.id, 'billing:read');
    await replica.registry.removeName(first.id, name);
    const second = listed([name]);
    await replica.seeding.seed([second, first]);
    expect(await find(first.id)).toMatchObject({ scopes: ['billing:read'], names: [] });
    expect((await find(second.id))?.names).toEqual([name]);
  });

  it('lets two replicas seed at once', async () => {
    const [name, other] = [newName(), await partnersOf(database)];
    const acme = listed([name]);
    await Promise.all([replica.seeding.seed([acme]), other.seeding.seed([acme])]);
    const certificate = presented(newThumbprint(), name);
    expect(await replica.resolution.resolve(certificate)).toMatchObject({ id: acme.id });
  });

  it('registers nobody by a certificate that comes later, unless the name is removed', async () => {
    const acme = listed([newName()]);
    await replica.seeding.seed([acme]);
    const { pem } = await newCertificate();
    await expect(replica.certificates.add(acme.id, pem)).rejects.toMatchObject({
      reason: 'partner_known_by_names',
    });
    await replica.registry.removeName(acme.id, acme.names[0] ?? '');
    await replica.certificates.add(acme.id, pem);
  });
});
