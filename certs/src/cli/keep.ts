import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DevCa, type DevCaOptions } from '../dev-ca';
import { DevCaError } from '../dev-ca.error';
import { isErrno } from '../errno';
import type { CertificateHolders } from '../leaf-rotation';
import { writeFileAtomically } from '../write-files';

const LONGEST_INTERVAL_MS = 10_000;
/** Looks in the life of a leaf. */
const LOOKS = 20;

/** Holds the time of the last look that left nothing due. */
const KEPT_FILE = '.kept';

export interface Keeping {
  readonly folder: string;
  readonly holders: CertificateHolders;
  readonly issuing: DevCaOptions;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Mints what is missing and keeps everything renewed until the signal; a renewal under way is finished. What goes wrong after
 * the beginning is told and tried again.
 *
 * @throws {DevCaError} when the beginning fails
 */
export async function keep({ folder, holders, issuing, out, err, signal }: Keeping): Promise<void> {
  const ca = await DevCa.open(folder, issuing);
  const issued = await ca.ensureAll(holders);
  issued.forEach((holder) => {
    out(`issued ${holder}`);
  });
  await writeKept(folder);
  out(`${folder} is ready`);
  const { leafLifetimeSeconds = 3600 } = issuing;
  const rotation = ca.startRotation({
    ...holders,
    intervalMs: Math.min(LONGEST_INTERVAL_MS, (leafLifetimeSeconds * 1000) / LOOKS),
    onRotated: (holder) => {
      out(`renewed ${holder}`);
    },
    onLooked: () => writeKept(folder),
    onError: (error) => {
      err(`not renewed: ${error.message}`);
    },
  });
  // The look's timer keeps no process alive.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
  clearInterval(alive);
  await rotation.stop();
}

/**
 * Whether a look left nothing due within this time.
 *
 * @throws {DevCaError} with how long ago it was, when not
 */
export async function requireKept(folder: string, withinMs: number): Promise<Date> {
  const content = await readFile(join(folder, KEPT_FILE), 'utf8').catch((error: unknown) => {
    if (isErrno(error)) return '';
    throw error;
  });
  const at = new Date(content.trim());
  const age = Date.now() - at.getTime();
  if (age <= withinMs) return at;
  const since = Number.isNaN(age) ? 'nobody keeps it' : `last kept ${Math.round(age / 1000)} s ago`;
  throw new DevCaError(folder, since, { remedy: 'see what its keep says' });
}

function writeKept(folder: string): Promise<void> {
  const content = `${new Date().toISOString()}\n`;
  return writeFileAtomically(join(folder, KEPT_FILE), { content, mode: 0o644 });
}
