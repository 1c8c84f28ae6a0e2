import { coreOf } from './core';

/** What somebody who attacks this system in particular tries: its name. */
const PRODUCT_WORDS = ['sallyport'] as const;

/** Shorter ones say too little about a person to be worth a refusal. */
const SHORTEST_PART = 3;

/**
 * The words that are predictable for one account: the product's name; the e-mail address, its local part as a whole and
 * the pieces of it, and the name of its domain (ASVS 5 6.2.11).
 */
export function contextWords(email: string): ReadonlySet<string> {
  const [localPart = '', domain = ''] = email.split('@');
  const pieces = [...localPart.split(/[^\p{L}\p{M}]+/u), ...domain.split('.').slice(0, -1)];
  const words = [...PRODUCT_WORDS, email, localPart, domain, ...pieces].map(coreOf);
  return new Set(words.filter((word) => Array.from(word).length >= SHORTEST_PART));
}
