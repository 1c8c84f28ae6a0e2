const MOST_CHARACTERS = 256;

/** What a client calls itself, in the printable ASCII that is stored and shown; undefined when nothing is left of it. */
export function userAgentOf(presented: string): string | undefined {
  const shown = presented
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, MOST_CHARACTERS);
  return shown === '' ? undefined : shown;
}
