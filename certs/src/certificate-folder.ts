import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseCertificatesPem } from '@sallyport/workload-identity';
import { DevCaError } from './dev-ca.error';
import { isErrno } from './errno';
import { writeFileAtomically } from './write-files';

/** Where the certificates for others go; each may be a volume of its own, which is there before the authorities are. */
const MOUNTED = ['workloads', 'public', 'stores', 'partner', 'lost+found'];

/** The folder a {@link DevCa} keeps everything in. */
export class CertificateFolder {
  constructor(readonly path: string) {}

  /**
   * Makes the folder if need be.
   * @returns whether it has no authorities and nothing else either
   * @throws {DevCaError} when it holds something else
   */
  async isNew(): Promise<boolean> {
    const entries = await readdir(this.path).catch(undefinedIfMissing);
    if (!entries) {
      await mkdir(this.path, { recursive: true });
      return true;
    }
    if (entries.includes('ca')) return false;
    const foreign = entries.find((entry) => !entry.startsWith('.') && !MOUNTED.includes(entry));
    if (foreign === undefined) return true;
    throw new DevCaError(this.path, `it has no ca/ but holds ${foreign}`, {
      remedy: 'choose an empty folder',
    });
  }

  /**
   * Writes certificates for others to trust, unless somebody else's are in their place.
   * @param knownPem certificates of which a present file holds at least one
   * @throws {DevCaError}
   */
  async publish(file: string, pem: string, knownPem: string): Promise<void> {
    const path = join(this.path, file);
    const present = await readFile(path, 'utf8').catch(undefinedIfMissing);
    if (present === pem) return;
    if (present !== undefined && !shareCertificate(present, pem + knownPem)) {
      throw new DevCaError(this.path, `${file} does not belong to the keys in ca/`);
    }
    await writeFileAtomically(path, { content: pem, mode: 0o644 });
  }

  /** Runs an operation; tells every failure of the file system as one line about the folder. */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (cause) {
      if (!isErrno(cause)) throw cause;
      const path = cause.path === undefined ? '' : relative(this.path, cause.path);
      const problem = `cannot ${cause.syscall ?? 'use'} ${path || 'it'} (${cause.code ?? ''})`;
      const remedy = 'name a folder this user can read and write';
      throw new DevCaError(this.path, problem, { cause, remedy });
    }
  }
}

function shareCertificate(presentPem: string, knownPem: string): boolean {
  const known = parseCertificatesPem(knownPem) ?? [];
  const present = parseCertificatesPem(presentPem) ?? [];
  return present.some((der) => known.some((own) => own.equals(der)));
}

function undefinedIfMissing(error: unknown): undefined {
  if (isErrno(error) && error.code === 'ENOENT') return undefined;
  throw error;
}
