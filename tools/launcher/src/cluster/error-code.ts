/** The code a thrown value carries, such as the system's `ENOENT`; empty when it carries none. */
export function errorCodeOf(cause: unknown): string {
  const hasCode = typeof cause === 'object' && cause !== null && 'code' in cause;
  return hasCode && typeof cause.code === 'string' ? cause.code : '';
}

/** Whether a thrown value carries this code. */
export function hasCode(cause: unknown, code: string): boolean {
  return errorCodeOf(cause) === code;
}
