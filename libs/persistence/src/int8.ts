import { TypeOverrides, types } from 'pg';

/**
 * Reads the text form of a `bigint` (int8).
 *
 * @throws RangeError rather than to round a value beyond 2^53.
 */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`bigint ${text} is beyond what a number holds exactly`);
  }
  return value;
}

/** pg's own parsers, with `bigint` as number: `count(*)` and amounts in minor units are numbers. */
export function typeParsers(): TypeOverrides {
  const parsers = new TypeOverrides();
  parsers.setTypeParser(types.builtins.INT8, parseInt8);
  return parsers;
}
