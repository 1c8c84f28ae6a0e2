const MOST_CHARACTERS = 256;

/**
 * What a client calls itself, for the list of sessions: the printable ASCII of its `User-Agent`, at most 256 characters;
 * empty when there is none. It is what the client says, no proof of anything.
 */
export function presentedUserAgent(header: string | undefined): string {
  return (header ?? '')
    .replace(/[^\x20-\x7e]+/g, '')
    .slice(0, MOST_CHARACTERS)
    .trim();
}
