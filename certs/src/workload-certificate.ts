import {
  IDENTITY_FILES,
  IdentityFilesError,
  readIdentityFiles,
  Svid,
  TrustBundle,
  verifySvidChain,
  type SpiffeId,
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
 * Whether a directory needs a new certificate: nothing usable in it, another bundle than the present
 * one, or past the middle of its life.
 *
 * @param jitter factor on the half life, around 1
 */
export async function isWorkloadDue(
  { directory, spiffeId }: WorkloadDirectory,
  authorities: Authorities,
  { now, jitter }: { readonly now: Date; readonly jitter: number },
): Promise<boolean> {
  try {
    const { svid, bundle } = await readIdentityFiles({ directory, expectedId: spiffeId, now });
    const issuedAt = svid.notBefore.getTime() + BACKDATE_MS;
    const renewAt = issuedAt + ((svid.notAfter.getTime() - issuedAt) / 2) * jitter;
    return bundle.pem !== bundlePemOf(authorities, now) || now.getTime() >= renewAt;
  } catch (error) {
    // Absent, expired or spoilt: a new one is the remedy for each.
    if (error instanceof IdentityFilesError) return true;
    throw error;
  }
}
