/** The digits in the order of ASCII. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export const BASE = DIGITS.length;

/** A number in base 62 with leading zeros, the most significant digit first. It must fit into `length` digits. */
export function base62(value: bigint, length: number): string {
  const digits: string[] = [];
  for (let rest = value; digits.length < length; rest /= BigInt(BASE)) {
    digits.push(base62Digit(Number(rest % BigInt(BASE))));
  }
  return digits.reverse().join('');
}

/** The digit of a number from 0 to 61. */
export function base62Digit(value: number): string {
  return DIGITS.charAt(value);
}
