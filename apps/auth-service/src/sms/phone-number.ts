import { parsePhoneNumberFromString } from 'libphonenumber-js/mobile';
import type { CountryCode } from 'libphonenumber-js/mobile';

declare const opaque: unique symbol;

/** A mobile number that exists by its country's numbering plan, in the form of E.164: `+` and digits. */
export type PhoneNumber = string & { readonly [opaque]: true };

/** Countries as ISO 3166-1 has them, in two letters, or every one. */
export type Countries = ReadonlySet<string> | 'every';

/** In international form, as people write it: nothing in it is taken for an extension, a parameter or a second number. */
const WRITTEN = /^\s*\+[\d ().-]{6,30}$/;

/**
 * Parses a number that a message may be sent to. The rules are those of mobile numbers alone: what costs the receiver or the
 * sender more (premium, shared cost, toll-free), landlines, short codes, and numbers of no country are none of them.
 *
 * Countries, not calling codes, are compared: `+1` is twenty-five of them, at very different prices.
 *
 * @returns undefined for anything else; whether somebody has the number is not known
 */
export function parsePhoneNumber(presented: string, countries: Countries): PhoneNumber | undefined {
  if (!WRITTEN.test(presented)) return undefined;
  const parsed = parsePhoneNumberFromString(presented.trim(), { extract: false });
  const country: CountryCode | undefined = parsed?.country;
  if (!parsed?.isValid() || parsed.getType() !== 'MOBILE' || country === undefined)
    return undefined;
  const isServed = countries === 'every' || countries.has(country);
  return isServed ? (parsed.number as PhoneNumber) : undefined;
}

/** What is shown of a number: its calling code and the last two digits, as `+49 … 12`. */
export function maskedPhoneNumber(number: PhoneNumber): string {
  const callingCode = parsePhoneNumberFromString(number)?.countryCallingCode ?? '';
  return `+${callingCode} … ${number.slice(-2)}`;
}
