import { COMMON_PASSWORDS } from './common-passwords';
import { coreOf } from './core';

const NO_WORDS: ReadonlySet<string> = new Set();

/** A repeated unit of so many characters adds nothing to the few guesses it takes. */
const LONGEST_TRIVIAL_UNIT = 3;
/** A year, a birthday, a PIN. */
const EDGE_DIGITS = /^\d{1,4}|\d{1,4}$/g;

/**
 * Whether a password is among the first that anybody would try. Compared is the whole of it, as SP 800-63B-4 section 3.1.1.2
 * has it, never a word in it, with a list that is extended by what every cracking tool does to its entries: a password is
 * predictable when, but for case, punctuation and up to four digits at either end, it is
 *
 * - a word of the list, or two of them: at most 2 × 16 bits,
 * - a word of the list over and over, or up to three characters over and over,
 * - a run of characters each of which follows the one before, up or down.
 *
 * @param words that count as of the list, in the form of `coreOf`
 */
export function isPredictable(password: string, words: ReadonlySet<string> = NO_WORDS): boolean {
  const isListed = (text: string): boolean => COMMON_PASSWORDS.has(text) || words.has(text);
  // Nothing but punctuation is judged as it stands.
  const core = coreOf(password) || password;
  const unit = repeatedUnit(core);
  if (unit.length <= LONGEST_TRIVIAL_UNIT || isRun(core)) return true;
  const forms = new Set([core, unit, core.replace(EDGE_DIGITS, '')]);
  return [...forms].some((form) => isListed(form) || isPairOf(form, isListed));
}

/** The shortest text of which this one is nothing but repetitions, the last of them perhaps cut off. */
function repeatedUnit(text: string): string {
  for (let length = 1; length <= text.length / 2; length += 1) {
    if (text.startsWith(text.slice(length))) return text.slice(0, length);
  }
  return text;
}

/** `abcdefgh`, `87654321`; after 9 comes 0. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return [1, -1].some((step) =>
    codes.every((code, index) => {
      const before = codes[index - 1];
      if (before === undefined) return true;
      const follows = code === before + step;
      return (
        follows ||
        (isDigit(code) && isDigit(before) && (code - before + 10 * step) % 10 === step % 10)
      );
    }),
  );
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isPairOf(text: string, isListed: (part: string) => boolean): boolean {
  for (let at = 1; at < text.length; at += 1) {
    if (isListed(text.slice(0, at)) && isListed(text.slice(at))) return true;
  }
  return false;
}
