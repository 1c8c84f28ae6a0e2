import type { History, Refresh } from './history';
import type { Violation } from './violation';

/** That no request was accepted that presented a revoked credential and was sent later than the bound after the answer. */
export function checkRevoked(
  { revocations, presentations }: Pick<History, 'revocations' | 'presentations'>,
  boundMs: number,
): readonly Violation[] {
  const revoked = new Map(revocations.map((each) => [each.credential, each]));
  return presentations.flatMap(({ credential, sentAt, isAccepted }) => {
    const revocation = revoked.get(credential);
    if (revocation === undefined || !isAccepted || sentAt <= revocation.at + boundMs) return [];
    const afterMs = Math.round(sentAt - revocation.at);
    const detail = `accepted after the bound, after ${revocation.by}`;
    const subject = `${credential}, ${afterMs} ms after the answer`;
    return [{ invariant: 'revoked is refused within the bound', detail, subject, at: sentAt }];
  });
}

/** That nothing succeeded that must never. */
export function checkProbes({ probes }: Pick<History, 'probes'>): readonly Violation[] {
  return probes
    .filter(({ status }) => status >= 200 && status < 400)
    .map(({ name, status, sentAt }) => ({
      invariant: 'nothing authorised wrongly',
      detail: `${name}: answered ${status}`,
      at: sentAt,
    }));
}

/**
 * That no refresh was refused which a careful client may rely on: one of a session whose refreshes all were answered,
 * or the repetition, within the grace, of the one whose answer was lost. Beyond that a lost answer looks like theft.
 */
export function checkSessions(
  { refreshes }: Pick<History, 'refreshes'>,
  graceMs: number,
): readonly Violation[] {
  const bySession = new Map<string, Refresh[]>();
  for (const refresh of refreshes) {
    bySession.set(refresh.session, [...(bySession.get(refresh.session) ?? []), refresh]);
  }
  const violations: Violation[] = [];
  for (const chain of bySession.values()) {
    const sorted = [...chain].sort((one, other) => one.sentAt - other.sentAt);
    const refused = sorted.findIndex(({ outcome }) => outcome === 'refused');
    const last = sorted[refused];
    if (last === undefined) continue;
    const unanswered = sorted.slice(0, refused).filter(({ outcome }) => outcome === 'unknown');
    const excused = unanswered.some(
      ({ generation, sentAt }) =>
        generation < last.generation || last.answeredAt > sentAt + graceMs,
    );
    if (excused) continue;
    const detail =
      unanswered.length === 0
        ? 'a refresh was refused though none before it was left unanswered'
        : 'the repetition of a refresh was refused within the grace';
    const subject = `${last.session}, ${last.code ?? ''}`;
    violations.push({ invariant: 'no session broken', detail, subject, at: last.sentAt });
  }
  return violations;
}

/** That whatever could not be answered was refused as it should be, and not by an error nobody foresaw. */
export function checkCleanRefusals({ requests }: Pick<History, 'requests'>): readonly Violation[] {
  return requests
    .filter(({ status }) => status === 500 || status === 501 || status === 502)
    .map(({ operation, status, code, sentAt }) => ({
      invariant: 'refusals are clean',
      detail: `${operation}: answered ${status} ${code ?? ''}`.trim(),
      at: sentAt,
    }));
}
