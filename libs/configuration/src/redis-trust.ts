import { ConfigurationError } from './configuration-error';

/**
 * Refuses authorities for a connection without TLS, which would pretend to a protection that is not there.
 *
 * @throws ConfigurationError naming `REDIS_CA_FILE`
 */
export function requireRedisTls(config: {
  readonly REDIS_URL: string;
  readonly REDIS_CA_FILE?: string | undefined;
}): void {
  if (config.REDIS_CA_FILE === undefined || config.REDIS_URL.startsWith('rediss:')) return;
  throw new ConfigurationError('REDIS_CA_FILE', 'expected only beside a rediss:// REDIS_URL');
}
