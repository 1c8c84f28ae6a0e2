import { knownUserAgentWords } from '../oauth/pages/user-agent-words';

/**
 * What a client calls itself, for a mail: the names of browsers and systems that are known here, and of anything else one
 * short word. It is the client that chose it: nothing in it may be read as a link.
 */
export function deviceWords(userAgent: string | undefined): string {
  const words = knownUserAgentWords(userAgent);
  if (words !== undefined) return words;
  const [product] = /^[A-Za-z][A-Za-z0-9]{0,19}(?=[\s/]|$)/.exec(userAgent ?? '') ?? [];
  return product === undefined ? 'an unnamed client' : `a client named ${product}`;
}
