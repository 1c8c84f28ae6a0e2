import type { z } from 'zod';
import { readOwn, type Environment } from './own-variable';
import { readFromFile } from './variable-from-file';
import { ConfigurationError } from './configuration-error';

/**
 * Reads a configuration from the environment, once, at boot.
 *
 * The keys of `schema` are the names of the variables; other variables are not looked at, but for `X_FILE`, which names
 * a file with the value of `X`: what an orchestrator mounts as a secret does not have to be in the environment. An empty
 * variable counts as not set, because Compose and Kubernetes cannot express "unset".
 *
 * @throws ConfigurationError for the first variable, in the order of the schema, that is not as expected.
 */
export function readConfiguration<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  const presented = Object.fromEntries(
    Object.keys(schema.shape).map((variable) => [
      variable,
      `${variable}_FILE` in schema.shape
        ? readOwn(environment, variable)
        : readFromFile(environment, variable),
    ]),
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
