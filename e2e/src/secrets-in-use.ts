import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const VARIABLE = 'SALLYPORT_E2E_SECRETS';

/** Shorter ones are words, which stand in a log for other reasons. */
const SHORTEST = 12;

/** Names under which requests and answers carry secrets, in any spelling. */
const SECRET_NAME =
  /(?:password|secret|token|cookie|authorization|api[-_. ]?key|credential|otp|presentedkey|recoverycodes|dpop|assertion|id_token_hint)$/i;

const remembered = new Set<string>();

/** Lets the workers of this run collect in a file, which outlives each of them. */
export function collectSecretsIn(file: string): void {
  process.env[VARIABLE] = file;
}

/**
 * Remembers what a client of this run uses as a credential: at the end no log line and no stored event may hold it. Of a
 * token each part is remembered that is not the same for all.
 */
export function rememberSecret(presented: string): void {
  const file = process.env[VARIABLE];
  if (file === undefined) return;
  const fresh = partsOf(presented).filter((part) => !remembered.has(part));
  for (const part of fresh) remembered.add(part);
  // In one write: other workers append to the same file.
  if (fresh.length > 0)
    appendFileSync(file, fresh.map((part) => `${JSON.stringify(part)}\n`).join(''));
}

/** Remembers what stands under a secret's name, at any depth. */
export function rememberSecretsOf(value: unknown, name = ''): void {
  if (typeof value === 'string') {
    if (SECRET_NAME.test(name)) rememberSecret(value);
  } else if (Array.isArray(value)) {
    for (const item of value) rememberSecretsOf(item, name);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) rememberSecretsOf(item, key);
  }
}

/** All that the workers have remembered. */
export function secretsIn(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return [...new Set(lines.map((line) => JSON.parse(line) as string))];
}

/** `Bearer eyJ…`, `name=value; Path=/` and the like hold secrets; around them is what anybody may know. */
function partsOf(presented: string): readonly string[] {
  return presented
    .split(/[\s;,=&]+/)
    .flatMap((word) => (/^eyJ[\w-]+\./.test(word) ? word.split('.').slice(1) : [word]))
    .filter((part) => part.length >= SHORTEST && !PUBLIC_WORDS.test(part));
}

/** The names of cookies; and ids, which a forged credential may hold and every log does. */
const PUBLIC_WORDS = /^(?:__(?:Secure|Host)-[\w-]+|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i;
