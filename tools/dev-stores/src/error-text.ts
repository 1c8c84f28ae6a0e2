import { types } from 'node:util';

/** What an unknown failure says of itself, on one line. */
export function errorText(error: unknown): string {
  // Connecting to a name with several addresses fails with one error for each of them.
  if (types.isNativeError(error) && 'errors' in error && Array.isArray(error.errors)) {
    return error.errors.map(errorText).join(', ');
  }
  const text = types.isNativeError(error) ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim();
}

/** The code of a system or database failure (`EACCES`, `42501`), when it has one. */
export function errorCode(error: unknown): string | undefined {
  return types.isNativeError(error) && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
