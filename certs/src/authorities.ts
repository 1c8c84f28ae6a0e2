import { randomBytes, X509Certificate } from 'node:crypto';
import type { TrustDomain } from '@sallyport/workload-identity';
import {
  DAY_MS,
  partnerRootProfile,
  storeRootProfile,
  validFor,
  webRootProfile,
  workloadAuthorityProfile,
} from './certificate-profile';
import { issueCertificate, type IssuedCertificate } from './issue-certificate';
import { LOOPBACK_NAMES } from './server-names';

const ROOT_LIFETIME_MS = 365 * DAY_MS;
const ROOT_PREPARED_BEFORE_END_MS = 30 * DAY_MS;
const ROOT_ACTIVATED_BEFORE_END_MS = 15 * DAY_MS;
const INTERMEDIATE_LIFETIME_MS = 7 * DAY_MS;

/** Everything that signs. Immutable: each change yields the next state, which is then stored. */
export interface Authorities {
  readonly trustDomain: TrustDomain;
  /** Signs intermediates. */
  readonly root: IssuedCertificate;
  /** Published in the bundle, not signing yet. */
  readonly nextRoot: IssuedCertificate | undefined;
  /** Still in the bundle, its key is gone. */
  readonly previousRootPem: string | undefined;
  /** Signs workloads. */
  readonly intermediate: IssuedCertificate;
  /** Services that get no certificate any more. */
  readonly denied: readonly string[];
  /** Signs the gateway's public certificate and nothing else. */
  readonly webRoot: IssuedCertificate;
  /** What the public certificate is for, and the web root is constrained to. */
  readonly publicNames: readonly string[];
  /** Signs the certificates of databases and shared state; undefined until it is first renewed. */
  readonly storeRoot: IssuedCertificate | undefined;
  /** Signs partner certificates and their revocation list; undefined until it is first renewed. */
  readonly partnerRoot: IssuedCertificate | undefined;
}

/** With everything there is to be. */
export interface RenewedAuthorities extends Authorities {
  readonly storeRoot: IssuedCertificate;
  readonly partnerRoot: IssuedCertificate;
}

export async function createAuthorities(
  trustDomain: TrustDomain,
  now: Date,
  publicNames: readonly string[] = LOOPBACK_NAMES,
): Promise<Authorities> {
  const root = await issueRoot(trustDomain, now);
  return {
    trustDomain,
    root,
    nextRoot: undefined,
    previousRootPem: undefined,
    intermediate: await issueIntermediate(trustDomain, root, now),
    denied: [],
    webRoot: await issueWebRoot(publicNames, now),
    publicNames,
    storeRoot: await issueStoreRoot(now),
    partnerRoot: await issuePartnerRoot(now),
  };
}

/** Publishes the next root beside the present one; nothing changes when there is one already. */
export async function prepareRoot(authorities: Authorities, now: Date): Promise<Authorities> {
  if (authorities.nextRoot) return authorities;
  return { ...authorities, nextRoot: await issueRoot(authorities.trustDomain, now) };
}

/** Lets the prepared root sign; the present one stays in the bundle. Undefined when none is prepared. */
export async function activateRoot(
  authorities: Authorities,
  now: Date,
): Promise<Authorities | undefined> {
  const { trustDomain, root, nextRoot } = authorities;
  if (!nextRoot) return undefined;
  return {
    ...authorities,
    root: nextRoot,
    nextRoot: undefined,
    previousRootPem: root.certificatePem,
    intermediate: await issueIntermediate(trustDomain, nextRoot, now),
  };
}

/** Takes the previous root out of the bundle: what it has led to is refused. Undefined when there is none. */
export function retireRoot(authorities: Authorities): Authorities | undefined {
  if (authorities.previousRootPem === undefined) return undefined;
  return { ...authorities, previousRootPem: undefined };
}

/** Replaces the intermediate ahead of time; what the one before has signed stays valid until it expires. */
export async function rotateIntermediate(
  authorities: Authorities,
  now: Date,
): Promise<Authorities> {
  const { trustDomain, root } = authorities;
  return { ...authorities, intermediate: await issueIntermediate(trustDomain, root, now) };
}

/** Stops a service from getting certificates, or lets it have them again. */
export function deny(authorities: Authorities, service: string, denied: boolean): Authorities {
  const others = authorities.denied.filter((name) => name !== service);
  return { ...authorities, denied: denied ? [...others, service] : others };
}

/** Makes the public certificate one for these names; nothing changes when it is. */
export async function namePublic(
  authorities: Authorities,
  publicNames: readonly string[],
  now: Date,
): Promise<Authorities> {
  if (publicNames.join() === authorities.publicNames.join()) return authorities;
  return { ...authorities, publicNames, webRoot: await issueWebRoot(publicNames, now) };
}

/** Replaces what comes to its end: roots with an overlap, the intermediate at half life. */
export async function renewAuthorities(
  authorities: Authorities,
  now: Date,
): Promise<RenewedAuthorities> {
  const { trustDomain, root } = authorities;
  let renewed = authorities;
  if (remainingMs(root, now) < ROOT_PREPARED_BEFORE_END_MS) {
    renewed = await prepareRoot(renewed, now);
  }
  if (remainingMs(root, now) < ROOT_ACTIVATED_BEFORE_END_MS) {
    renewed = (await activateRoot(renewed, now)) ?? renewed;
  }
  if (
    remainingMs(renewed.intermediate, now) < INTERMEDIATE_LIFETIME_MS / 2 ||
    !isIssuedBy(renewed.intermediate.certificatePem, renewed.root.certificatePem)
  ) {
    const intermediate = await issueIntermediate(trustDomain, renewed.root, now);
    renewed = { ...renewed, intermediate };
  }
  if (remainingMs(renewed.webRoot, now) < ROOT_PREPARED_BEFORE_END_MS) {
    renewed = { ...renewed, webRoot: await issueWebRoot(renewed.publicNames, now) };
  }
  const lasting = (root: IssuedCertificate | undefined): IssuedCertificate | undefined =>
    root && remainingMs(root, now) >= ROOT_PREPARED_BEFORE_END_MS ? root : undefined;
  return {
    ...renewed,
    partnerRoot: lasting(renewed.partnerRoot) ?? (await issuePartnerRoot(now)),
    storeRoot: lasting(renewed.storeRoot) ?? (await issueStoreRoot(now)),
  };
}

/** The workload roots that are valid or about to sign, as PEM. */
export function bundlePemOf({ root, nextRoot, previousRootPem }: Authorities, now: Date): string {
  return [root.certificatePem, nextRoot?.certificatePem, previousRootPem]
    .filter((pem) => pem !== undefined)
    .filter((pem) => new Date(new X509Certificate(pem).validTo) > now)
    .join('');
}

export function isIssuedBy(certificatePem: string, issuerPem: string): boolean {
  const certificate = new X509Certificate(certificatePem);
  const issuer = new X509Certificate(issuerPem);
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function remainingMs({ certificate }: IssuedCertificate, now: Date): number {
  return new Date(new X509Certificate(certificate).validTo).getTime() - now.getTime();
}

function issueRoot(trustDomain: TrustDomain, now: Date): Promise<IssuedCertificate> {
  const validity = validFor(ROOT_LIFETIME_MS, now);
  const subject = `CN=Sallyport workload root ${mark()}`;
  return issueCertificate(
    workloadAuthorityProfile(trustDomain, { ...validity, subject, pathLength: 1 }),
  );
}

function issueIntermediate(
  trustDomain: TrustDomain,
  root: IssuedCertificate,
  now: Date,
): Promise<IssuedCertificate> {
  const validity = validFor(INTERMEDIATE_LIFETIME_MS, now);
  const subject = `CN=Sallyport workload intermediate ${mark()}`;
  return issueCertificate(
    workloadAuthorityProfile(trustDomain, { ...validity, subject, pathLength: 0 }),
    root,
  );
}

function issueWebRoot(publicNames: readonly string[], now: Date): Promise<IssuedCertificate> {
  return issueCertificate(webRootProfile(validFor(ROOT_LIFETIME_MS, now), publicNames));
}

function issueStoreRoot(now: Date): Promise<IssuedCertificate> {
  return issueCertificate(storeRootProfile(validFor(ROOT_LIFETIME_MS, now)));
}

function issuePartnerRoot(now: Date): Promise<IssuedCertificate> {
  return issueCertificate(partnerRootProfile(validFor(ROOT_LIFETIME_MS, now)));
}

/** Keeps the names of successive authorities apart. */
function mark(): string {
  return randomBytes(4).toString('hex');
}
