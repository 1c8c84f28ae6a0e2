import { isNativeError } from 'node:util/types';

/** Whether an error is the operating system's answer to a call. */
export function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return isNativeError(error) && 'code' in error && 'syscall' in error;
}
