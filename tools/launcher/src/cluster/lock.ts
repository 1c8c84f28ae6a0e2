import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hasCode } from './error-code';
import { LaunchError } from './launch-error';

interface Holder {
  readonly pid: number;
  /** Tells the process from a later one with the same number; absent where the system does not say. */
  readonly startedAt?: string;
}

/**
 * Takes a folder for this process, so that two launchers never run on the same data.
 * A lock whose holder no longer runs is taken over.
 *
 * @returns gives the folder back
 * @throws LaunchError `already_running`
 */
export async function takeLock(lockFile: string, describe: string): Promise<() => Promise<void>> {
  const own = `${lockFile}.${randomUUID()}`;
  await writeFile(own, JSON.stringify(holderOf(process.pid)), { mode: 0o600 });
  try {
    // A link appears whole or not at all, and only when the name is not taken.
    if (!(await tryLink(own, lockFile))) {
      const found = await readFile(lockFile, 'utf8').catch(() => '');
      const holder = parseHolder(found);
      if (holder !== undefined && isRunning(holder)) throw alreadyRunning(describe, holder.pid);
      await removeStale(own, lockFile, found);
      if (!(await tryLink(own, lockFile))) throw alreadyRunning(describe);
    }
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(lockFile, { force: true });
}

function alreadyRunning(describe: string, pid?: number): LaunchError {
  const holder = pid === undefined ? '' : ` (process ${pid})`;
  return new LaunchError(
    'already_running',
    `a cluster is already running in ${describe}${holder}: stop it first, or set SALLYPORT_HOME to another folder`,
  );
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (cause) {
    if (hasCode(cause, 'EEXIST')) return false;
    throw cause;
  }
}

/**
 * Removes a lock that was found with this content. Only who holds the claim to that content may remove it, and
 * nobody can write the lock anew while it stands: what is removed is what was found, never another's fresh lock.
 */
async function removeStale(own: string, lockFile: string, found: string): Promise<void> {
  const claim = `${lockFile}.${createHash('sha256').update(found).digest('hex')}`;
  if (!(await tryLink(own, claim))) {
    const claimant = parseHolder(await readFile(claim, 'utf8').catch(() => ''));
    // Of a launcher that ended in the middle of this; the next start goes on.
    if (claimant !== undefined && !isRunning(claimant)) await rm(claim, { force: true });
    return;
  }
  try {
    const standing = await readFile(lockFile, 'utf8').catch(() => undefined);
    if (standing === found) await rm(lockFile, { force: true });
  } finally {
    await rm(claim, { force: true });
  }
}

function parseHolder(content: string): Holder | undefined {
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed !== 'object' || parsed === null || !('pid' in parsed)) return undefined;
    const startedAt = 'startedAt' in parsed ? parsed.startedAt : undefined;
    return typeof parsed.pid === 'number' && Number.isSafeInteger(parsed.pid) && parsed.pid > 0
      ? { pid: parsed.pid, ...(typeof startedAt === 'string' && { startedAt }) }
      : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (cause) {
    // EPERM: it runs, as another user.
    if (!hasCode(cause, 'EPERM')) return false;
  }
  return holderOf(holder.pid).startedAt === holder.startedAt;
}

function holderOf(pid: number): Holder {
  const startedAt = processStartTime(pid);
  return { pid, ...(startedAt !== undefined && { startedAt }) };
}

/** Start time in clock ticks since boot, where /proc tells it: containers reuse low process numbers. */
function processStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may itself hold spaces; start time is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
