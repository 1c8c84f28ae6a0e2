const SCOPE_TOKEN = '[\\x21\\x23-\\x2b\\x2d-\\x5b\\x5d-\\x7e]+';
const SCOPE = new RegExp(`^${SCOPE_TOKEN}(?: ${SCOPE_TOKEN})*$`);
const LONGEST_SCOPE = 2048;

/**
 * Parses the scope syntax of RFC 6749 §3.3: scope-tokens with one space between two of them. The comma, which the RFC
 * admits, is refused, because it is what joins repeated header fields.
 *
 * @returns undefined when `presented` is not of that form, or is empty.
 */
export function parseScope(presented: string): ReadonlySet<string> | undefined {
  if (presented.length > LONGEST_SCOPE || !SCOPE.test(presented)) return undefined;
  return new Set(presented.split(' '));
}

/** Writes scopes in the syntax {@link parseScope} reads. */
export function formatScope(scopes: Iterable<string>): string {
  return [...scopes].join(' ');
}
