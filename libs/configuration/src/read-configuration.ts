import type { z } from 'zod';
import { ConfigurationError } from './configuration-error';

/** The part of `process.env` that is read: names to text. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a configuration from the environment, once, at boot.
 *
 * The keys of `schema` are the names of the variables; other variables are not looked at. An empty variable counts as
 * not set, because Compose and Kubernetes cannot express "unset".
 *
 * @throws ConfigurationError for the first variable, in the order of the schema, that is not as expected.
 */
export function readConfiguration<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  const presented = Object.fromEntries(
    Object.keys(schema.shape).map((variable) => [variable, own(environment, variable)]),
  );
  const result = schema.safeParse(presented);
  if (result.success) return result.data;

  const [issue] = result.error.issues;
  const variable = issue?.path[0];
  throw new ConfigurationError(
    variable === undefined ? 'environment' : String(variable),
    oneLine(issue?.message ?? 'not accepted'),
  );
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim();
}

function own(environment: Environment, variable: string): string | undefined {
  return Object.hasOwn(environment, variable) ? environment[variable] || undefined : undefined;
}
