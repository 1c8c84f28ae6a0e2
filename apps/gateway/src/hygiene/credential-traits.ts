import { API_KEY_IN_TEXT } from '@sallyport/api-keys';

/** Decoding rounds, so that an encoded encoding is seen for what it is. */
const MAX_DECODINGS = 3;

/**
 * Every API key of this system in a text, wherever it stands, and beyond those that scanners are told to look for what only
 * begins like one: a key that was cut short or damaged on its way into a URL has leaked all the same.
 */
export const API_KEYS = new RegExp(`${API_KEY_IN_TEXT.source}|(?<![\\w-])sp_[\\w-]{16,}`, 'g');

/** The first of them; without the position that a global expression remembers. */
const API_KEY = new RegExp(API_KEYS.source);

/** Everything in a text that has the form of a JWS with a JSON header. */
export const JWS = /(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** Whether a text holds what reads as a JWS or as an API key of this system, percent-encoded or not. */
export function holdsCredential(text: string): boolean {
  const decoded = decodePercent(text);
  return containsJws(decoded, startsJsonObject) || API_KEY.test(decoded);
}

/** The same where names of hosts may stand, some of which begin like a JWS: `example.co.uk`. */
export function holdsWholeCredential(text: string): boolean {
  const decoded = decodePercent(text);
  return containsJws(decoded, isJsonObject) || API_KEY.test(decoded);
}

/** Undoes percent-encoding, several times over, and leaves what is none alone. */
export function decodePercent(text: string): string {
  let current = text;
  for (let round = 0; round < MAX_DECODINGS && current.includes('%'); round += 1) {
    current = current.replace(/(?:%[0-9A-Fa-f]{2})+/g, decodeOctets);
  }
  return current;
}

/** Three dot-separated base64url parts in a row, the first of which is a header. */
function containsJws(text: string, isHeader: (part: string) => boolean): boolean {
  return text.split(/[^\w.-]+/).some((word) => {
    const parts = word.split('.');
    return parts.slice(0, -2).some(isHeader);
  });
}

function isJsonObject(part: string): boolean {
  if (!startsJsonObject(part)) return false;
  try {
    JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

/** A member's name follows the brace: many a word, `example` among them, begins with the octet of a brace alone. */
function startsJsonObject(part: string): boolean {
  return /^\s*\{\s*(?:"|$)/.test(Buffer.from(part.slice(0, 16), 'base64url').toString('latin1'));
}

function decodeOctets(octets: string): string {
  return Buffer.from(octets.replaceAll('%', ''), 'hex').toString('utf8');
}
