import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { encodeClientCertificate } from '@sallyport/principal';
import { FakePartnerCa } from '@sallyport/testing';
import { X509Certificate } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { partnersOf } from '../partners/partners.fixture';
import type { PartnersReplica } from '../partners/partners.fixture';
import { PartnerCredentialsRepository } from '../partners/partner-credentials.repository';
import { PartnersRepository } from '../partners/partners.repository';
import { ClientCertificates } from './client-certificates';

let database: Database<AuthTables>;
let ca: FakePartnerCa;
let replica: PartnersReplica;
let certificates: ClientCertificates;
let host: string;
let der: Buffer;
let thumbprint: string;

beforeAll(async () => {
  [database, ca] = await Promise.all([openAuthDatabase(), FakePartnerCa.create()]);
});
afterAll(() => database.close());
beforeEach(async () => {
  replica = await partnersOf(database);
  certificates = new ClientCertificates(
    new PartnersRepository(database),
    new PartnerCredentialsRepository(database),
    replica.clock.now,
    replica.events,
  );
  host = `${randomUUID()}.example`;
  const now = replica.clock.now().getTime();
  const lasting = { notBefore: new Date(now - 60_000), notAfter: new Date(now + 60_000) };
  const { cert, thumbprint: presented } = await ca.issue(host, lasting);
  [der, thumbprint] = [new X509Certificate(cert).raw, presented];
});

const requestWith = (...values: readonly string[]): IncomingMessage =>
  ({
    headers: { 'x-client-address': CLIENT_ADDRESS },
    headersDistinct: { 'client-cert': values },
  }) as unknown as IncomingMessage;

async function read(...values: readonly string[]) {
  const request = requestWith(...values);
  await certificates.read(request);
  return certificates.of(request);
}

const written = () => encodeClientCertificate(der);

describe('a certificate stands for no client', () => {
  it.each<[what: string, values: () => readonly string[]]>([
    ['that is none', () => [encodeClientCertificate(Buffer.from('certificate'))]],
    ['in PEM', () => [new X509Certificate(der).toString().replace(/\n/g, ' ')]],
    ['with bytes behind it', () => [encodeClientCertificate(Buffer.concat([der, der]))]],
    ['that is cut short', () => [encodeClientCertificate(der.subarray(0, -1))]],
    ['beside another', () => [written(), written()]],
    ['of an empty header', () => ['']],
  ])('%s', async (_what, values) => {
    expect(await read(...values())).toBeUndefined();
    expect(replica.events.all).toMatchObject([
      { type: 'client', outcome: 'refused', reason: 'certificate_malformed' },
    ]);
    expect(await read(written())).toMatchObject({ thumbprint });
  });

  it.each<[what: string, happen: () => Promise<unknown>, reason: string]>([
    [
      'once it has expired',
      async () => {
        replica.clock.advance({ seconds: 61 });
      },
      'certificate_expired',
    ],
    ['once it was revoked', () => replica.certificates.revoke(thumbprint), 'certificate_revoked'],
    [
      'when its name is a partner’s',
      async () => replica.registry.addName(await replica.newPartner(), `dns:${host}`),
      'certificate_of_partner',
    ],
    [
      'when its name is that of a partner who is disabled',
      async () => {
        const id = await replica.newPartner();
        await replica.registry.addName(id, `dns:${host}`);
        await replica.registry.disable(id);
      },
      'certificate_of_partner',
    ],
  ])('%s', async (_what, happen, reason) => {
    expect(await read(written())).toMatchObject({ thumbprint, names: [`dns:${host}`] });
    await happen();
    replica.events.clear();
    expect(await read(written())).toBeUndefined();
    expect(replica.events.all).toEqual([
      {
        ...{ type: 'client', outcome: 'refused', reason, certificate: thumbprint },
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
  });
});

describe('a request', () => {
  it('without one has none, and leaves no event', async () => {
    const request = { headers: {}, headersDistinct: {} } as unknown as IncomingMessage;
    await certificates.read(request);
    expect(certificates.of(request)).toBeUndefined();
    expect(replica.events.all).toEqual([]);
  });

  it('does not have that of another', async () => {
    const request = requestWith(written());
    await certificates.read(request);
    expect(certificates.of(requestWith(written()))).toBeUndefined();
    expect(certificates.of(request)?.x509.raw).toEqual(der);
    expect(replica.events.all).toEqual([]);
  });
});
