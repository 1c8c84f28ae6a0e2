import { once } from 'node:events';

/** Ctrl-C, a supervisor, the terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const REPEAT_AFTER_MS = 1_000;

/** A person's or a supervisor's wish that the program ends. */
export interface Interruption {
  /** Aborted at the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Resolves with the first. */
  readonly requested: Promise<void>;
  stopListening(): void;
}

export interface SignalSource {
  on(name: (typeof SIGNALS)[number], listener: () => void): unknown;
  off(name: (typeof SIGNALS)[number], listener: () => void): unknown;
}

export interface InterruptionOptions {
  /** Where the signals arrive; `process` outside tests. */
  readonly source: SignalSource;
  readonly now: () => number;
  /** The wish was repeated while the first was being granted. */
  readonly onRepeated: () => void;
}

/**
 * Listens for Ctrl-C and SIGTERM.
 *
 * One Ctrl-C can arrive twice at once, from the terminal and again from npm, which passes it on;
 * only a signal that comes a second after the first counts as repeated.
 */
export function listenForInterruption(options: InterruptionOptions): Interruption {
  const { source, now, onRepeated } = options;
  const controller = new AbortController();
  let first: number | undefined;
  const onSignal = (): void => {
    if (first === undefined) {
      first = now();
      controller.abort();
    } else if (now() - first >= REPEAT_AFTER_MS) {
      onRepeated();
    }
  };
  for (const name of SIGNALS) source.on(name, onSignal);
  return {
    signal: controller.signal,
    requested: once(controller.signal, 'abort').then(() => undefined),
    stopListening: () => {
      for (const name of SIGNALS) source.off(name, onSignal);
    },
  };
}
