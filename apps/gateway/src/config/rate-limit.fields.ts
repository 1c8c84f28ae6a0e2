import { field, type Field } from '@sallyport/configuration';

/** By what the policy is multiplied: at most one digit after the point, so that it reads as what it is. */
export function rateLimitScale(): Field<number> {
  return field({
    expected: 'a number from 0.1 to 1000 with at most one digit after the point',
    parse: (text) => {
      if (!/^[0-9]{1,4}(?:\.[0-9])?$/.test(text)) return undefined;
      const scale = Number(text);
      return scale >= 0.1 && scale <= 1000 ? scale : undefined;
    },
  });
}
