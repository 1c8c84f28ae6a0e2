import { field, type Field } from './field';

/** Inclusive bounds. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A whole number in decimal digits, within inclusive bounds. */
export function integer(range: Range): Field<number> {
  return wholeNumber(range, 'a whole number');
}

/** A duration in whole seconds, within inclusive bounds. */
export function durationSeconds(range: Range): Field<number> {
  return wholeNumber(range, 'a whole number of seconds');
}

function wholeNumber({ min, max }: Range, kind: string): Field<number> {
  return field({
    expected: `${kind} from ${min} to ${max}`,
    parse: (text) => {
      if (!/^-?[0-9]{1,15}$/.test(text)) return undefined;
      const value = Number(text);
      return value >= min && value <= max ? value : undefined;
    },
  });
}
