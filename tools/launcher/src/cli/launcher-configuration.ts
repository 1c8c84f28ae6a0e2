import { resolve } from 'node:path';
import { field, fields, readConfiguration, traceFields } from '@sallyport/configuration';
import type { Environment } from '@sallyport/configuration';
import { z } from 'zod';
import { LISTENERS } from '../cluster/listeners';
import type { ListenerName, Ports } from '../cluster/listeners';
import { portsFrom } from '../cluster/ports';
import { REPOSITORY } from '../cluster/repository';

/** What `npm start` takes from its environment. */
export interface LauncherConfiguration {
  readonly home: string;
  readonly ports: Ports;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly logLevel: string;
  /** A file of settings for single services, over those the launcher sets. */
  readonly settingsFile: string | undefined;
  readonly inherited: Readonly<Record<string, string>>;
}

/**
 * What services cannot do without when the machine sets it: a private CA of the stores, a time zone; and where their traces
 * go, which each checks for itself.
 */
const INHERITED = ['PATH', 'TZ', 'NODE_EXTRA_CA_CERTS', ...Object.keys(traceFields)];

const schema = z.object({
  SALLYPORT_HOME: field({ expected: 'a folder', parse: (text) => resolve(text) }).default(
    resolve(REPOSITORY, '.sallyport'),
  ),
  DATABASE_URL: fields.databaseUrl().optional(),
  REDIS_URL: fields.redisUrl().optional(),
  LOG_LEVEL: fields.logLevel().default('info'),
  SALLYPORT_SETTINGS: field({ expected: 'a file', parse: (text) => resolve(text) }).optional(),
});

const portNumber = fields.integer({ min: 1, max: 65_535 });

/** @throws ConfigurationError for the first variable that is not as expected */
export function readLauncherConfiguration(environment: Environment): LauncherConfiguration {
  const general = readConfiguration(schema, environment);
  return {
    home: general.SALLYPORT_HOME,
    databaseUrl: general.DATABASE_URL,
    redisUrl: general.REDIS_URL,
    logLevel: general.LOG_LEVEL,
    settingsFile: general.SALLYPORT_SETTINGS,
    ports: portsFrom((name) => readPort(name, environment)),
    inherited: inheritedFrom(environment),
  };
}

/** What services inherit of the environment; everything else of it stays with the launcher. */
export function inheritedFrom(environment: Environment): Record<string, string> {
  const present = INHERITED.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(present);
}

function readPort(name: ListenerName, environment: Environment): number {
  const { variable, standardPort } = LISTENERS[name];
  const one = z.object({ [variable]: portNumber.default(standardPort) });
  return readConfiguration(one, environment)[variable] ?? standardPort;
}
