import {
  IDENTITY_FILES,
  IdentityFilesError,
  readIdentityFiles,
  Svid,
  TrustBundle,
  verifySvidChain,
  type SpiffeId,
  type WorkloadContext,
} from '@sallyport/workload-identity';
import { bundlePemOf, type Authorities } from './authorities';
import { BACKDATE_MS, validFor, workloadProfile } from './certificate-profile';
import { privateKeyMode, type FileOwner } from './file-owner';
import { issueCertificate, privateKeyPem } from './issue-certificate';
import { writeFilesTogether } from './write-files';

export interface WorkloadDirectory {
  readonly directory: string;
  readonly spiffeId: SpiffeId;
  readonly owner: FileOwner | undefined;
}

/**
 * Issues a new certificate and key and writes them with the bundle, after checking them as their
 * readers will.
 */
export async function issueWorkload(
  { directory, spiffeId, owner }: WorkloadDirectory,
  authorities: Authorities,
  { now, lifetimeMs }: { readonly now: Date; readonly lifetimeMs: number },
): Promise<Svid> {
  const { intermediate, trustDomain } = authorities;
  const leaf = await issueCertificate(
    workloadProfile(spiffeId, validFor(lifetimeMs, now)),
    intermediate,
  );
  const bundlePem = bundlePemOf(authorities, now);
  const svid = Svid.parse({
    certificateChainPem: leaf.certificatePem + intermediate.certificatePem,
    privateKeyPem: privateKeyPem(leaf),
  });
  verifySvidChain(svid.chain, TrustBundle.parse(bundlePem), { now, trustDomain });
  await writeFilesTogether(
    directory,
    {
      [IDENTITY_FILES.certificateChain]: { content: svid.certificateChainPem, mode: 0o644 },
      [IDENTITY_FILES.privateKey]: { content: svid.privateKeyPem, mode: privateKeyMode(owner) },
      [IDENTITY_FILES.bundle]: { content: bundlePem, mode: 0o644 },
    },
    owner,
  );
  return svid;
}

/**
 * Whether a directory needs a new certificate: it is {@link isWorkloadBehind}, or the certificate past the middle of its life.
 *
 * @param jitter factor on the half life, around 1
 */
export async function isWorkloadDue(
  workload: WorkloadDirectory,
  authorities: Authorities,
  { now, jitter }: { readonly now: Date; readonly jitter: number },
): Promise<boolean> {
  const present = await readPresent(workload, now);
  if (!present || !follows(present, authorities, now)) return true;
  const { svid } = present;
  const issuedAt = svid.notBefore.getTime() + BACKDATE_MS;
  const renewAt = issuedAt + ((svid.notAfter.getTime() - issuedAt) / 2) * jitter;
  return now.getTime() >= renewAt;
}

/** Whether a directory holds nothing usable, another bundle than the present one, or a certificate of another intermediate. */
export async function isWorkloadBehind(
  workload: WorkloadDirectory,
  authorities: Authorities,
  now: Date,
): Promise<boolean> {
  const present = await readPresent(workload, now);
  return !present || !follows(present, authorities, now);
}

function follows({ svid, bundle }: WorkloadContext, authorities: Authorities, now: Date): boolean {
  const [, issuer] = svid.chain;
  return (
    bundle.pem === bundlePemOf(authorities, now) &&
    issuer?.equals(authorities.intermediate.certificate) === true
  );
}

async function readPresent(
  { directory, spiffeId }: WorkloadDirectory,
  now: Date,
): Promise<WorkloadContext | undefined> {
  try {
    return await readIdentityFiles({ directory, expectedId: spiffeId, now });
  } catch (error) {
    // Absent, expired or spoilt: a new one is the remedy for each.
    if (error instanceof IdentityFilesError) return undefined;
    throw error;
  }
}
