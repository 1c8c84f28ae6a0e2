import type { ProblemCode } from '../problems/problem-catalogue';

/** Why a password that somebody chooses is refused. */
export const REFUSED_PASSWORD = [
  'password_breached',
  'password_too_common',
  'password_too_long',
  'password_too_personal',
  'password_too_short',
] as const satisfies readonly ProblemCode[];
