import type { Audit } from './final-state';
import type { Violation } from './violation';

/** What a killed process may have had in memory: what it gathers before it appends, and an append under way. */
const UNWRITTEN_MS = 3_000;

/**
 * That every chain is sound, and holds every event that was logged. What a process had not yet appended when it was
 * killed is in its log alone, as documented.
 *
 * @param outages when the database was away, so that events waited in memory: from and to
 */
export function checkAudit(
  audits: readonly Audit[],
  outages: readonly { readonly from: number; readonly to: number }[],
): readonly Violation[] {
  return audits.flatMap((audit) => {
    const violations: Violation[] = [];
    const say = (what: string, subject = '', at?: number): void => {
      const detail = `${audit.service}: ${what}`;
      violations.push({ invariant: 'audit whole', detail, subject, at });
    };
    if (audit.fault !== undefined) say(`its chain is broken: ${audit.fault}`);
    const stored = new Map<string, number>();
    for (const id of audit.stored) stored.set(id, (stored.get(id) ?? 0) + 1);
    let unaccounted = audit.accountedLost;
    for (const { id, at } of audit.logged) {
      const left = stored.get(id) ?? 0;
      if (left > 0) stored.set(id, left - 1);
      else if (wasInMemory(at, audit.killedAt, outages)) continue;
      else if (unaccounted > 0) unaccounted -= 1;
      else say('an event is in its log and not in its chain', id, at);
    }
    return violations;
  });
}

function wasInMemory(
  at: number,
  killedAt: readonly number[],
  outages: readonly { readonly from: number; readonly to: number }[],
): boolean {
  return killedAt.some((killed) => {
    const outage = outages.find(({ from, to }) => from <= killed && killed <= to + UNWRITTEN_MS);
    const since = Math.min(killed, outage?.from ?? killed) - UNWRITTEN_MS;
    // The log may be a little ahead of the kill that was asked for.
    return at >= since && at <= killed + 500;
  });
}
