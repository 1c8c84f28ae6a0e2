import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isNativeError } from 'node:util/types';
import { IdentityFilesError } from './identity-files.error';
import type { SpiffeId } from './spiffe-id';
import { Svid } from './svid';
import { verifySvidChain } from './svid-chain';
import { SvidRejected } from './svid-rejected.error';
import type { WorkloadContext } from './svid.source';
import { TrustBundle, TrustBundleInvalid } from './trust-bundle';

/** The names cert-manager's SPIFFE CSI driver writes. */
export const IDENTITY_FILES = {
  certificateChain: 'tls.crt',
  privateKey: 'tls.key',
  bundle: 'ca.crt',
} as const;

export interface IdentityFilesOptions {
  readonly directory: string;
  /** The id the files must be for; when absent any id is taken. */
  readonly expectedId?: SpiffeId | undefined;
  readonly now: Date;
}

/**
 * Reads an SVID directory once: `tls.crt` (leaf, then intermediates), `tls.key`, `ca.crt` (roots).
 * The result is consistent: the key belongs to the leaf, and the chain is valid now and leads to
 * the bundle.
 *
 * @throws {IdentityFilesError}
 */
export async function readIdentityFiles(options: IdentityFilesOptions): Promise<WorkloadContext> {
  const { directory, expectedId, now } = options;
  const version = await versionOf(directory);
  const read = (file: string): Promise<string> => readText(directory, version, file);
  const [certificateChainPem, privateKeyPem, bundlePem] = await Promise.all([
    read(IDENTITY_FILES.certificateChain),
    read(IDENTITY_FILES.privateKey),
    read(IDENTITY_FILES.bundle),
  ]);
  try {
    const svid = Svid.parse({ certificateChainPem, privateKeyPem });
    const bundle = TrustBundle.parse(bundlePem);
    verifySvidChain(svid.chain, bundle, { now, trustDomain: svid.spiffeId.trustDomain });
    if (expectedId && !svid.spiffeId.equals(expectedId)) {
      const found = svid.spiffeId.toString();
      const detail = `tls.crt is for ${found}, expected ${expectedId.toString()}`;
      throw new IdentityFilesError(directory, detail);
    }
    return { svid, bundle };
  } catch (error) {
    throw asIdentityFilesError(directory, error);
  }
}

/**
 * Kubernetes volumes, and everything written like them, swap one `..data` link to replace all files
 * together; reading through its target keeps a swap from mixing two versions.
 */
async function versionOf(directory: string): Promise<string> {
  try {
    return await realpath(join(directory, '..data'));
  } catch {
    return directory;
  }
}

async function readText(directory: string, version: string, file: string): Promise<string> {
  try {
    return await readFile(join(version, file), 'utf8');
  } catch (cause) {
    const reason = isNativeError(cause) && 'code' in cause ? String(cause.code) : 'unknown';
    const detail = reason === 'ENOENT' ? 'is missing' : `cannot be read (${reason})`;
    throw new IdentityFilesError(directory, `${file} ${detail}`, { cause });
  }
}

function asIdentityFilesError(directory: string, error: unknown): unknown {
  if (error instanceof TrustBundleInvalid) {
    const detail = `${IDENTITY_FILES.bundle} is not a trust bundle: ${error.message}`;
    return new IdentityFilesError(directory, detail, { cause: error });
  }
  if (error instanceof SvidRejected) {
    return new IdentityFilesError(directory, describe(error), { cause: error });
  }
  return error;
}

function describe({ code, message }: SvidRejected): string {
  if (code === 'svid_key_mismatch') return 'tls.key does not match tls.crt';
  if (code === 'svid_key_malformed') return 'tls.key is not a PEM private key';
  if (code === 'svid_chain_untrusted') return `tls.crt does not fit ca.crt: ${message}`;
  return `tls.crt is not usable: ${message}`;
}
