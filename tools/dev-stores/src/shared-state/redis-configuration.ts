import { randomBytes } from 'node:crypto';

/** A password for one run of a Redis; the data does not depend on it. */
export function generatePassword(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * A configuration for a Redis or Valkey of this process: durable within a second, and refusing writes rather
 * than forgetting revocations when its memory is full. It is given on standard input, so that the password is
 * in no file, argument or environment.
 */
export function redisConfiguration(settings: Readonly<Record<string, string>>): string {
  const lines = {
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '""',
    maxmemory: '256mb',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
    ...settings,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

/** The URL of a Redis on this machine. */
export function loopbackUrl(port: number, password: string): string {
  return `redis://:${password}@127.0.0.1:${port}`;
}

/** The line by which Redis and Valkey say that they answer. */
export const REDIS_READY = /Ready to accept connections/;
