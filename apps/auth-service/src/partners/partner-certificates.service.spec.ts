import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { newCertificate, newThumbprint, partnersOf } from './partners.fixture';
import type { ClientCertificate, PartnersReplica } from './partners.fixture';

const MONTH_SECONDS = 30 * 24 * 60 * 60;

let database: Database<AuthTables>;
let replica: PartnersReplica;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  replica = await partnersOf(database);
});

const liveOf = async (id: string) => {
  const listed = await replica.registry.list();
  return listed.find((each) => each.id === id)?.certificates.map(({ thumbprint }) => thumbprint);
};

const outcomesOf = (settled: readonly PromiseSettledResult<unknown>[]) =>
  settled
    .map((each) => (each.status === 'rejected' ? (each.reason as { reason: string }).reason : 'ok'))
    .sort();

describe('PartnerCertificatesService.add refuses', () => {
  type Attempt = (
    id: string,
    certificate: ClientCertificate,
  ) => Promise<readonly [id: string, pem: string]>;

  it.each<[string, string, string, Attempt]>([
    [
      'a partner nobody has registered',
      'NOT_FOUND',
      'partner_not_found',
      async (_id, { pem }) => [`p-${randomUUID()}`, pem],
    ],
    [
      'what is no certificate',
      'INVALID_ARGUMENT',
      'certificate_file_invalid',
      async (id) => [id, 'acme'],
    ],
    [
      'that of another partner',
      'ALREADY_EXISTS',
      'certificate_taken',
      async (id) => [id, (await replica.newPinnedPartner()).certificate.pem],
    ],
    [
      'one the partner has already',
      'ALREADY_EXISTS',
      'certificate_taken',
      async () => {
        const { id, certificate } = await replica.newPinnedPartner();
        return [id, certificate.pem];
      },
    ],
    [
      'one that was revoked before it was ever registered',
      'FAILED_PRECONDITION',
      'certificate_revoked',
      async (id) => {
        const revoked = await newCertificate();
        await replica.certificates.revoke(revoked.pem);
        return [id, revoked.pem];
      },
    ],
    [
      'one that was retired',
      'FAILED_PRECONDITION',
      'certificate_revoked',
      async () => {
        const { id, certificate } = await replica.newPinnedPartner();
        await replica.certificates.retire(id, certificate.thumbprint);
        return [id, certificate.pem];
      },
    ],
    [
      'one for a partner that is known by its names',
      'FAILED_PRECONDITION',
      'partner_known_by_names',
      async (_id, { pem }) => {
        const named = await replica.newPartner();
        await replica.registry.addName(named, `dns:${randomUUID()}.example`);
        return [named, pem];
      },
    ],
  ])('%s', async (_name, status, reason, attempt) => {
    const [partner, genuine] = [await replica.newPartner(), await newCertificate()];
    const [id, pem] = await attempt(partner, genuine);
    replica.events.clear();
    await expect(replica.certificates.add(id, pem)).rejects.toMatchObject({ status, reason });
    expect(replica.events.all).toEqual([]);
    await replica.certificates.add(partner, genuine.pem);
    expect(await liveOf(partner)).toEqual([genuine.thumbprint]);
  });

  it('a third while two are live, and says which there are', async () => {
    const { id, certificate } = await replica.newPinnedPartner();
    const [second, third] = [await newCertificate(), await newCertificate()];
    await replica.certificates.add(id, second.pem);
    await expect(replica.certificates.add(id, third.pem)).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'partner_has_two_certificates',
      detail: expect.stringContaining(second.thumbprint) as string,
    });
    await replica.certificates.retire(id, certificate.thumbprint);
    await replica.certificates.add(id, third.pem);
    expect(await liveOf(id)).toEqual([second.thumbprint, third.thumbprint].sort());
  });

  it('all but two of many that are added at once', async () => {
    const id = await replica.newPartner();
    const many = await Promise.all(Array.from({ length: 6 }, () => newCertificate()));
    const settled = await Promise.allSettled(
      many.map(({ pem }) => replica.certificates.add(id, pem)),
    );
    expect(outcomesOf(settled)).toEqual([
      ...['ok', 'ok'],
      ...Array<string>(4).fill('partner_has_two_certificates'),
    ]);
    expect(await liveOf(id)).toHaveLength(2);
  });

  it('all but one of many partners that claim the same at once', async () => {
    const { pem, thumbprint } = await newCertificate();
    const ids = await Promise.all(Array.from({ length: 5 }, () => replica.newPartner()));
    const settled = await Promise.allSettled(ids.map((id) => replica.certificates.add(id, pem)));
    expect(outcomesOf(settled)).toEqual([...Array<string>(4).fill('certificate_taken'), 'ok']);
    const claimed = await Promise.all(ids.map(liveOf));
    expect(claimed.flat()).toEqual([thumbprint]);
  });

  it('a name at the same time: a partner is known by one or by the other', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [id, { pem }] = [await replica.newPartner(), await newCertificate()];
      const settled = await Promise.allSettled([
        replica.certificates.add(id, pem),
        replica.registry.addName(id, `dns:${randomUUID()}.example`),
      ]);
      const [first] = outcomesOf(settled).filter((outcome) => outcome !== 'ok');
      expect(first).toMatch(/^partner_known_by_(names|certificates)$/);
    }
  });
});

describe('PartnerCertificatesService', () => {
  it('leaves a trace of a certificate that is added', async () => {
    const [id, { pem, thumbprint }] = [await replica.newPartner(), await newCertificate()];
    expect(await replica.certificates.add(id, pem)).toMatchObject({ thumbprint });
    expect(replica.events.all).toEqual([
      {
        type: 'partner',
        outcome: 'succeeded',
        reason: 'partner_certificate_added',
        target: id,
        certificate: thumbprint,
      },
    ]);
    expect(replica.feed.published).toEqual([]);
  });

  it('retires only what is live and belongs to the partner', async () => {
    const { id, certificate } = await replica.newPinnedPartner();
    const other = await replica.newPinnedPartner();
    for (const thumbprint of ['nonsense', newThumbprint(), other.certificate.thumbprint]) {
      await expect(replica.certificates.retire(id, thumbprint)).rejects.toMatchObject({
        status: 'NOT_FOUND',
        reason: 'certificate_not_found',
      });
    }
    expect(replica.feed.published).toEqual([]);
    await replica.certificates.retire(id, certificate.thumbprint);
    expect(await liveOf(id)).toEqual([]);
    expect(await liveOf(other.id)).toHaveLength(1);
  });

  it.each<[string, (certificate: ClientCertificate) => string]>([
    ['its thumbprint', ({ thumbprint }) => thumbprint],
    ['its file', ({ pem }) => pem],
  ])('revokes a certificate by %s, and tells the gateways for a month', async (_name, by) => {
    const { id, certificate } = await replica.newPinnedPartner();
    const { thumbprint } = certificate;
    expect(await replica.certificates.revoke(by(certificate))).toEqual({
      thumbprint,
      partnerId: id,
    });
    const expiresAt = replica.clock.epochSeconds + MONTH_SECONDS;
    expect(replica.feed.published).toEqual([{ kind: 'certificate', id: thumbprint, expiresAt }]);
    expect(replica.events.all).toMatchObject([
      { reason: 'partner_certificate_revoked', target: id, certificate: thumbprint },
    ]);
    expect(await liveOf(id)).toEqual([]);
  });

  it('revokes what nobody has registered, and what is revoked already, keeping the first time', async () => {
    const thumbprint = newThumbprint();
    const first = replica.clock.now();
    await replica.certificates.revoke(thumbprint);
    replica.clock.advance({ seconds: 60 });
    expect(await replica.certificates.revoke(thumbprint)).toEqual({ thumbprint });
    expect(replica.feed.published).toHaveLength(2);
    const row = await database.db
      .selectFrom('partner_certificates')
      .selectAll()
      .where('thumbprint', '=', thumbprint)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ partner_id: null, revoked_at: first });
  });

  it('records a revocation while the feed is gone: an operator does not wait for Redis', async () => {
    replica.feed.isPublishing = false;
    const thumbprint = newThumbprint();
    await replica.certificates.revoke(thumbprint);
    const due = await replica.revocationRows.due(1000);
    expect(due.map(({ revocation }) => revocation.id)).toContain(thumbprint);
  });

  it('leaves nothing live when a certificate is revoked while it is added', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [id, { pem, thumbprint }] = [await replica.newPartner(), await newCertificate()];
      await Promise.allSettled([
        replica.certificates.add(id, pem),
        replica.certificates.revoke(thumbprint),
      ]);
      expect(await liveOf(id)).toEqual([]);
    }
  });
});
