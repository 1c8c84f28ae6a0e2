/**
 * Types already demand these; callers without types, and values that were never assigned, must not
 * end in a connection in clear.
 *
 * @throws TypeError which names what is missing
 */
export function requireGiven(given: Readonly<Record<string, unknown>>): void {
  const missing = Object.keys(given).filter((name) => given[name] === undefined);
  if (missing.length === 0) return;
  throw new TypeError(`required: ${missing.join(', ')}; there is no plaintext fallback`);
}
