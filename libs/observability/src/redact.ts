import { redactText } from './redact-text';

const REDACTED = '<redacted>';
const DEEPEST = 6;
const MOST_ITEMS = 50;

/** Field names, folded to lower-case letters, whose value is never written, whatever it is. */
const SECRET_NAME =
  /password|passphrase|secret|authorization|cookie|credential|(?:private|signing|encryption|api|x)key$|(?:token|tokens|jwt|otp|recoverycodes?|pem|dpop|clientassertion)$/;

/**
 * A copy of log fields without secrets.
 *
 * Values under a name that means a secret are replaced at any depth, in any spelling (`refresh_token`, `Set-Cookie`,
 * `accessToken`); secrets inside other text are cut out by their shape ({@link redactText}). Binary values and values
 * deeper than six levels are not written at all. Errors keep `type`, `code`, `message`, `stack` and `cause` and nothing
 * else, because drivers put rows and metadata into further properties.
 */
export function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactedRecord(fields, 0);
}

function redactedRecord(record: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    if (value === undefined) continue;
    copy[redactText(name)] = isSecretName(name) ? REDACTED : redactedValue(value, depth + 1);
  }
  return copy;
}

function redactedValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'undefined':
    case 'function':
    case 'symbol':
      return undefined;
    case 'object':
      return value === null ? null : redactedObject(value, depth);
  }
}

function redactedObject(value: object, depth: number): unknown {
  if (depth > DEEPEST) return '<deeper>';
  if (value instanceof Error) return redactedError(value, depth);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '<binary>';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (value instanceof Map) return redactedRecord(recordOf(value), depth);
  if (Array.isArray(value) || value instanceof Set) {
    return Array.from(value as Iterable<unknown>)
      .slice(0, MOST_ITEMS)
      .map((item) => redactedValue(item, depth + 1));
  }
  return redactedRecord(value, depth);
}

function recordOf(map: ReadonlyMap<unknown, unknown>): Record<string, unknown> {
  return Object.fromEntries(Array.from(map, ([name, value]) => [String(name), value]));
}

function redactedError(error: Error, depth: number): Record<string, unknown> {
  return redactedRecord(
    {
      type: error.name,
      code: 'code' in error ? error.code : undefined,
      message: error.message,
      stack: error.stack,
      cause: error.cause,
    },
    depth,
  );
}

/** Field names are few and come from code, but headers and parameters may be logged too: hence the bound. */
const SECRET_NAMES = new Map<string, boolean>();
const MOST_REMEMBERED_NAMES = 1024;

function isSecretName(name: string): boolean {
  const remembered = SECRET_NAMES.get(name);
  if (remembered !== undefined) return remembered;
  const isSecret = SECRET_NAME.test(name.toLowerCase().replace(/[^a-z]/g, ''));
  if (SECRET_NAMES.size < MOST_REMEMBERED_NAMES) SECRET_NAMES.set(name, isSecret);
  return isSecret;
}
