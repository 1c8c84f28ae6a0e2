const WHITE_SPACE: ReadonlySet<string | undefined> = new Set([' ', '\t', '\r', '\n']);

/**
 * Parses a JSON object, refusing what `JSON.parse` silently resolves: a member that appears twice (RFC 8725 §2.4,
 * RFC 7515 §4), at any depth, also when one spelling is escaped. Invalid UTF-8 is refused too.
 *
 * @returns undefined when `bytes` are not exactly one such object.
 */
export function parseStrictJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return isRecord(value) && !hasRepeatedMember(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param text valid JSON; on anything else the answer means nothing. */
function hasRepeatedMember(text: string): boolean {
  // The members so far of every object that is open.
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{') {
      open.push(new Set());
    } else if (character === '}') {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(text, at);
      if (isMemberName(text, end)) {
        const members = open.at(-1);
        const name = stringOf(text.slice(at, end + 1));
        if (members?.has(name)) return true;
        members?.add(name);
      }
      at = end;
    }
  }
  return false;
}

/** @returns the position of the quote that closes the string which `start` opens */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

/** In JSON a string before a colon is a name, and nothing else is. */
function isMemberName(text: string, end: number): boolean {
  let next = end + 1;
  while (WHITE_SPACE.has(text[next])) next += 1;
  return text[next] === ':';
}

function stringOf(literal: string): string {
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
}
