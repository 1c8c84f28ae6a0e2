import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import {
  canonicalSerial,
  type PartnerAuthorities,
  type PartnerAuthority,
} from './partner-authorities';

/** What one authority has revoked, as of a moment. */
export interface RevocationList {
  readonly issuer: PartnerAuthority;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** As {@link canonicalSerial} writes them. */
  readonly serialNumbers: ReadonlySet<string>;
}

/** A file of revocation lists that cannot be used. Its message says why. */
export class RevocationListUnusable extends Error {
  override readonly name = 'RevocationListUnusable';
}

const BLOCK = /-----BEGIN (?:X509 )?CRL-----([A-Za-z0-9+/=\s]+)-----END (?:X509 )?CRL-----/g;

const HASHES: ReadonlySet<string> = new Set(['SHA-256', 'SHA-384', 'SHA-512']);

/** Delta lists, and lists of a part of the certificates: read as complete ones they would hide revocations. */
const PARTIAL: ReadonlySet<string> = new Set(['2.5.29.27', '2.5.29.28']);

/**
 * Reads the revocation lists of a PEM text (RFC 5280 section 5) and verifies each against the authority it names. Every
 * authority has exactly one complete list; what has a critical extension is not understood, and refused.
 *
 * Does not check whether a list has run out: that is to be asked on every use.
 *
 * @throws RevocationListUnusable
 */
export async function parseRevocationLists(
  pem: string,
  authorities: PartnerAuthorities,
): Promise<ReadonlyMap<PartnerAuthority, RevocationList>> {
  const blocks = [...pem.matchAll(BLOCK)].map(([, body = '']) => Buffer.from(body, 'base64'));
  if (blocks.length === 0 || blocks.length !== pem.split('-----BEGIN ').length - 1) {
    throw new RevocationListUnusable('it holds something else than whole revocation lists');
  }
  const lists = new Map<PartnerAuthority, RevocationList>();
  for (const der of blocks) {
    const list = await verifiedList(der, authorities);
    if (lists.has(list.issuer)) {
      throw new RevocationListUnusable('it holds two lists of one authority');
    }
    lists.set(list.issuer, list);
  }
  for (const authority of authorities) {
    if (!lists.has(authority)) {
      throw new RevocationListUnusable('it holds no list of one of the authorities');
    }
  }
  return lists;
}

async function verifiedList(der: Buffer, authorities: PartnerAuthorities): Promise<RevocationList> {
  try {
    const list = new x509.X509Crl(der);
    validateForm(list, der);
    const issuer = await issuerOf(list, authorities);
    if (issuer === undefined) {
      throw new RevocationListUnusable('a list is not signed by an authority of partners');
    }
    const { thisUpdate, nextUpdate, entries } = list;
    if (nextUpdate === undefined) {
      throw new RevocationListUnusable('a list does not say until when it holds');
    }
    if (entries.some(({ extensions }) => extensions.some(({ critical }) => critical))) {
      throw new RevocationListUnusable('an entry has a critical extension');
    }
    const serialNumbers = new Set(entries.map((entry) => canonicalSerial(entry.serialNumber)));
    return { issuer, thisUpdate, nextUpdate, serialNumbers };
  } catch (cause) {
    if (cause instanceof RevocationListUnusable) throw cause;
    throw new RevocationListUnusable('a list cannot be read', { cause });
  }
}

function validateForm({ rawData, extensions, signatureAlgorithm }: x509.X509Crl, der: Buffer) {
  if (rawData.byteLength !== der.length) {
    throw new RevocationListUnusable('there are bytes after a list');
  }
  if (extensions.some(({ critical, type }) => critical || PARTIAL.has(type))) {
    throw new RevocationListUnusable('a list is not complete, or has a critical extension');
  }
  // Typed by the DOM library, which is not among those of this project.
  const { hash } = signatureAlgorithm as { readonly hash: { readonly name: string } };
  if (!HASHES.has(hash.name)) {
    throw new RevocationListUnusable('a list is signed over a hash that is not accepted');
  }
}

async function issuerOf(
  list: x509.X509Crl,
  authorities: PartnerAuthorities,
): Promise<PartnerAuthority | undefined> {
  for (const authority of authorities) {
    const certificate = new x509.X509Certificate(authority.certificate.raw);
    if (!authority.signsLists || certificate.subject !== list.issuer) continue;
    if (await list.verify({ publicKey: certificate })) return authority;
  }
  return undefined;
}
