import { field } from '@sallyport/configuration';
import type { Field } from '@sallyport/configuration';
import { isSupportedCountry } from 'libphonenumber-js/mobile';

/** What text messages come from: a number in the form of E.164, or a name as networks show it. */
export function smsSender(): Field<string> {
  return field({
    expected: 'a number as +491512345678, or a name of up to eleven letters and digits',
    parse: (text) =>
      /^(?:\+[1-9]\d{6,14}|(?=.*[A-Za-z])[A-Za-z\d ]{1,11})$/.test(text) ? text : undefined,
  });
}

/** Countries, each once. */
export function countries(): Field<ReadonlySet<string>> {
  return field({
    expected: 'countries as DE,AT,CH, each once',
    parse: (text) => {
      const names = text.split(',');
      const isList = names.every((name) => isSupportedCountry(name));
      return isList && new Set(names).size === names.length ? new Set(names) : undefined;
    },
  });
}
