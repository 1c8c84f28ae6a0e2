import { ProblemError, type ProblemOptions } from '@sallyport/nest-zero-trust';
import { PROBLEMS, type ProblemCode } from './problem-catalogue';

/** A refusal by its code, with the status the catalogue has for it. */
export function problem(code: ProblemCode, options?: ProblemOptions): ProblemError {
  return new ProblemError(PROBLEMS[code].statuses[0], code, options);
}
