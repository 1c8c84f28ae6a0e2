/** Why a cluster did not start. */
export type LaunchErrorCode =
  | 'already_running'
  | 'certificates_unusable'
  | 'cluster_not_running'
  | 'compose_unusable'
  | 'database_unusable'
  | 'home_unusable'
  | 'interrupted'
  | 'port_taken'
  | 'prometheus_unusable'
  | 'service_ended'
  | 'service_not_ready'
  | 'settings_unusable'
  | 'shared_state_unusable';

/** A start that did not succeed. The message is one line for people; the cause keeps the detail. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
  constructor(
    readonly code: LaunchErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(firstLine(message), options);
  }
}

/** The first non-empty line of an error's message, for reports that take one line. */
export function lineOf(cause: unknown): string {
  const hasMessage = typeof cause === 'object' && cause !== null && 'message' in cause;
  return firstLine(String(hasMessage ? cause.message : cause));
}

/**
 * Runs one part of the start; whatever it throws becomes a {@link LaunchError}.
 *
 * @param part what the line begins with; nothing where the cause names it well enough
 */
export async function orLaunchError<T>(
  code: LaunchErrorCode,
  part: string,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof LaunchError) throw cause;
    const prefix = part === '' ? '' : `${part}: `;
    throw new LaunchError(code, `${prefix}${lineOf(cause)}`, { cause });
  }
}

function firstLine(text: string): string {
  return text.trim().split(/\r?\n/, 1)[0] ?? '';
}
