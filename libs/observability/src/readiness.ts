/** Something a service needs before it can answer. */
export interface ReadinessCheck {
  /** A short stable name, e.g. `database`; shown to whoever can reach the operations port. */
  readonly name: string;
  /** Rejects when the dependency cannot be used now. */
  check(): Promise<void>;
}

/** The outcome of all checks. */
export interface Readiness {
  readonly status: 'up' | 'down';
  readonly checks: Readonly<Record<string, 'up' | 'down'>>;
}

/** Called with each check that failed, and why. */
export type CheckFailed = (name: string, reason: unknown) => void;

/** Runs all checks at once; one that has not settled after `timeoutMs` counts as down. Never rejects. */
export async function assessReadiness(
  checks: readonly ReadinessCheck[],
  timeoutMs: number,
  onFailed: CheckFailed,
): Promise<Readiness> {
  const outcomes = await Promise.all(
    checks.map(async (each) => {
      try {
        await settledWithin(timeoutMs, each);
        return [each.name, 'up'] as const;
      } catch (reason) {
        onFailed(each.name, reason);
        return [each.name, 'down'] as const;
      }
    }),
  );
  const status = outcomes.every(([, outcome]) => outcome === 'up') ? 'up' : 'down';
  return { status, checks: Object.fromEntries(outcomes) };
}

async function settledWithin(timeoutMs: number, check: ReadinessCheck): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    await Promise.race([check.check(), expiry]);
  } finally {
    clearTimeout(timer);
  }
}
