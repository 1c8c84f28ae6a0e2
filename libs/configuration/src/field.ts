import { z } from 'zod';

/** The schema of one environment variable: text in, `Output` out. Takes `.optional()`, `.default()`, `.prefault()`. */
export type Field<Output> = z.ZodPipe<z.ZodString, z.ZodTransform<Output, string>>;

const LONGEST_SHOWN_VALUE = 80;

export interface FieldOptions<Output> {
  /** What the variable takes, as it reads after "expected", e.g. `host:port`. */
  readonly expected: string;
  /** The typed value, or undefined when `text` is not one. `text` is never empty. */
  readonly parse: (text: string) => Output | undefined;
  /** Whether a refusal must hide the value. */
  readonly secret?: boolean;
}

/**
 * Builds the schema of one environment variable from a parse function.
 *
 * Its refusals are `expected <what>, got "<value>"`, with `<hidden>` for the value of a secret field, and
 * `expected <what>, but it is not set`.
 */
export function field<Output>(options: FieldOptions<Output>): Field<Output> {
  const { expected, parse, secret = false } = options;
  return z
    .string({ error: () => `expected ${expected}, but it is not set` })
    .transform((text, context): Output => {
      const value = parse(text);
      if (value !== undefined) return value;
      const shown = secret ? '<hidden>' : quoted(text);
      context.issues.push({
        code: 'custom',
        input: undefined,
        message: `expected ${expected}, got ${shown}`,
      });
      return z.NEVER;
    });
}

function quoted(text: string): string {
  const shortened =
    text.length > LONGEST_SHOWN_VALUE ? `${text.slice(0, LONGEST_SHOWN_VALUE)}...` : text;
  // Only printable ASCII reaches the terminal or the log that shows the refusal.
  return JSON.stringify(shortened).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
