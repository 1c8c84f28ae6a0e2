import type { PipeTransform } from '@nestjs/common';
import { createZodValidationPipe } from 'nestjs-zod';
import { z } from 'zod';
import { problem } from '../problems/problem';

/** One rule that presented input breaks, and where; never the value. */
export interface Violation {
  /** Dotted, e.g. `items.0.quantity`; empty for the whole. */
  readonly path: string;
  /** What kind of rule, e.g. `invalid_type`, `too_big`, `unknown_field`. */
  readonly rule: string;
}

const MOST_VIOLATIONS = 20;

/** Parses the input of a handler by the schema of its DTO; 400 `validation_failed` with the violations otherwise. */
export const ValidationPipe: new () => PipeTransform = createZodValidationPipe({
  createValidationException: (error) =>
    problem('validation_failed', {
      extensions: { violations: violationsOf(error) },
    }),
});

export function violationsOf(error: unknown): readonly Violation[] {
  const issues = error instanceof z.ZodError ? error.issues : [];
  return issues.flatMap(violationsOfIssue).slice(0, MOST_VIOLATIONS);
}

function violationsOfIssue(issue: z.core.$ZodIssue): readonly Violation[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: joined([...issue.path, key]), rule: 'unknown_field' }));
  }
  return [{ path: joined(issue.path), rule: issue.code }];
}

/** A name the client chose is cut short: it may be anything. */
function joined(path: readonly PropertyKey[]): string {
  return path.map((part) => String(part).slice(0, 64)).join('.');
}
