import { readFileSync } from 'node:fs';
import { ConfigurationError } from '@sallyport/configuration';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { z } from 'zod';

/** A file of what is to be there from the first start on: a JSON array of entries. */
export interface SeedFile<Entry extends z.ZodObject, Seed> {
  /** The variable that names it. */
  readonly variable: string;
  readonly entry: Entry;
  /** @throws ServiceError for what the domain does not take */
  readonly parse: (written: z.output<Entry>) => Seed;
}

/**
 * Reads a seed file; no file means that there is nothing to seed.
 *
 * @throws ConfigurationError with one line that quotes nothing of the file: it may hold secrets.
 */
export function readSeedFile<Entry extends z.ZodObject, Seed>(
  { variable, entry, parse }: SeedFile<Entry, Seed>,
  path: string | undefined,
): readonly Seed[] {
  if (path === undefined) return [];
  try {
    return z
      .array(entry)
      .parse(JSON.parse(readFileSync(path, 'utf8')))
      .map(parse);
  } catch (cause) {
    const members = Object.keys(entry.shape).join(', ');
    const reason = cause instanceof ServiceError ? ` (${cause.reason})` : '';
    throw new ConfigurationError(variable, `expected a JSON array of {${members}}${reason}`);
  }
}
