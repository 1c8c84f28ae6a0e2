/**
 * Whether a value can name a subject, client, session or context: 1 to 255 visible ASCII characters that survive every
 * header, log line and metadata value unchanged (no space, comma, semicolon, quote, backslash, angle bracket or percent).
 */
export function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9._:@/+=~|-]{1,255}$/.test(value);
}
