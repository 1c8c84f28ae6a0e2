import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { FakeCa, FakeClock } from '@sallyport/testing';
import type { FakeLeaf } from '@sallyport/testing';
import { certificateThumbprint } from '@sallyport/tokens';
import { CLIENT_ADDRESS, replicaOf, type Replica } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { PartnerCertificatesService } from './partner-certificates.service';
import { PartnerChanges } from './partner-changes';
import { PartnerCredentialsRepository } from './partner-credentials.repository';
import { PartnerRegistryService } from './partner-registry.service';
import { PartnerResolutionService } from './partner-resolution.service';
import type { Presentation } from './partner-resolution.service';
import { PartnerSeeding } from './partner-seeding';
import { PartnerTokensService } from './partner-tokens.service';
import { PartnersRepository } from './partners.repository';
import { parsePresentedCertificate } from './presented-certificate';

/** A client certificate of somebody, as a file and as it is known. */
export interface ClientCertificate {
  readonly pem: string;
  readonly thumbprint: string;
}

/** A replica with its partner services. */
export interface PartnersReplica extends Replica {
  readonly changes: PartnerChanges;
  readonly registry: PartnerRegistryService;
  readonly certificates: PartnerCertificatesService;
  readonly resolution: PartnerResolutionService;
  readonly tokens: PartnerTokensService;
  readonly seeding: PartnerSeeding;
  /** Registers a partner nobody has had before, known by nothing; resolves with its id. */
  newPartner(scopes?: string): Promise<string>;
  /** The same with a certificate of its own. */
  newPinnedPartner(scopes?: string): Promise<{ id: string; certificate: ClientCertificate }>;
}

/** A replica with its partner services, on a real database. */
export async function partnersOf(
  database: Database<AuthTables>,
  clock?: FakeClock,
): Promise<PartnersReplica> {
  const replica = await replicaOf(database, clock);
  const { events, revocations, keys, signer } = replica;
  const { now } = replica.clock;
  const rows = new PartnersRepository(database);
  const credentials = new PartnerCredentialsRepository(database);
  const changes = new PartnerChanges(rows, revocations, database, now, events);
  const registry = new PartnerRegistryService(rows, credentials, changes, now);
  const certificates = new PartnerCertificatesService(credentials, changes, database, now);
  const resolution = new PartnerResolutionService(rows, credentials, events);
  const newPartner = async (scopes = 'orders:read orders:write') => {
    const { id } = await registry.add(`p-${randomUUID()}`, 'A partner', scopes);
    events.clear();
    return id;
  };
  return {
    ...replica,
    changes,
    registry,
    certificates,
    resolution,
    tokens: new PartnerTokensService(resolution, rows, keys, signer, database, now, events),
    seeding: new PartnerSeeding(rows, credentials, database, now),
    newPartner,
    async newPinnedPartner(scopes) {
      const id = await newPartner(scopes);
      const certificate = await newCertificate();
      await certificates.add(id, certificate.pem);
      events.clear();
      return { id, certificate };
    },
  };
}

let ca: Promise<FakeCa> | undefined;

/** A certificate nobody has registered, from the time of fake clocks; broken in one property when it is to be. */
export async function newCertificate(
  broken: (leaf: FakeLeaf) => FakeLeaf = (leaf) => leaf,
): Promise<ClientCertificate> {
  ca ??= FakeCa.create({ clock: new FakeClock().now });
  const { chain } = await broken((await ca).leaf('acme')).issue();
  return certificateOf(chain[0] ?? Buffer.alloc(0));
}

export function certificateOf(der: Buffer): ClientCertificate {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  const pem = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  return { pem, thumbprint: certificateThumbprint(der) };
}

/** A thumbprint no certificate has. */
export function newThumbprint(): string {
  return certificateThumbprint(Buffer.from(randomUUID()));
}

/** What the gateway tells of a certificate it has verified. */
export function presented(thumbprint: string, ...names: readonly string[]): Presentation {
  const certificate = parsePresentedCertificate({ thumbprint, subjectAlternativeNames: names });
  return { certificate, clientAddress: CLIENT_ADDRESS };
}
