#!/usr/bin/env node
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';
import { parseCertificatesPem, SpiffeIdInvalid } from '@sallyport/workload-identity';
import { parseHolders, parseIssuing, type HolderValues } from './cli/holders';
import { keep, requireKept } from './cli/keep';
import { OPTIONS, USAGE, UsageError } from './cli/usage';
import { DevCa } from './dev-ca';
import { DevCaError } from './dev-ca.error';

type Print = (line: string) => void;

/** Where lines go, and what ends a command that goes on until it is stopped. */
export interface Surroundings {
  readonly out: Print;
  readonly err: Print;
  readonly signal: AbortSignal;
}

/** @returns the exit code */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { out, err } = surroundings;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    });
    const [command, ...operands] = positionals;
    const lines = await execute(command, operands, values, surroundings);
    lines.forEach((line) => {
      out(line);
    });
    return 0;
  } catch (error) {
    if (error instanceof UsageError || isArgumentError(error)) {
      err(`${error.message}\n${USAGE}`);
      return 2;
    }
    if (error instanceof DevCaError || error instanceof SpiffeIdInvalid) {
      err(error.message);
      return 1;
    }
    throw error;
  }
}

type Values = HolderValues & { readonly dir: string; readonly 'within-seconds': string };

async function execute(
  command: string | undefined,
  operands: readonly string[],
  values: Values,
  surroundings: Surroundings,
): Promise<readonly string[]> {
  const folder = values.dir;
  switch (command) {
    case 'init': {
      const [holders, issuing] = [parseHolders(operands, values), parseIssuing(values)];
      const ca = await DevCa.open(folder, issuing);
      const issued = await ca.ensureAll(holders);
      return [`${folder} is ready`, ...issued.map((holder) => `issued ${holder}`)];
    }
    case 'keep': {
      const [holders, issuing] = [parseHolders(operands, values), parseIssuing(values)];
      await keep({ folder, holders, issuing, ...surroundings });
      return [];
    }
    case 'kept': {
      const at = await requireKept(folder, Number(values['within-seconds']) * 1000);
      return [`${folder} was kept at ${at.toISOString()}`];
    }
    case 'issue': {
      if (operands.length === 0) throw new UsageError('name at least one service');
      const ca = await DevCa.openExisting(folder);
      const lines: string[] = [];
      for (const service of operands) {
        const { spiffeId, notAfter } = await ca.issueWorkload(service);
        lines.push(`${spiffeId.toString()}  until ${notAfter.toISOString()}`);
      }
      return lines;
    }
    case 'issue-partner': {
      const [name, dnsName, ...more] = operands;
      if (name === undefined || dnsName === undefined || more.length > 0) {
        throw new UsageError('name a partner and its DNS name');
      }
      const ca = await DevCa.openExisting(folder);
      const { serialNumber, notAfter } = await ca.issuePartner(name, dnsName);
      return [`${name}  serial ${serialNumber}  until ${notAfter.toISOString()}`];
    }
    case 'revoke-partner': {
      const ca = await DevCa.openExisting(folder);
      const revoked = await ca.revokePartners(operands);
      return revoked.map(
        ({ serialNumber, revokedAt }) => `${serialNumber}  since ${revokedAt.toISOString()}`,
      );
    }
    case 'show':
      await DevCa.openExisting(folder);
      return describe(folder);
    case undefined:
      throw new UsageError('name a command');
    default:
      throw new UsageError(`there is no command ${command}`);
  }
}

async function describe(folder: string): Promise<readonly string[]> {
  const services = await readdir(join(folder, 'workloads')).catch(() => []);
  const partners = await readdir(join(folder, 'partner')).catch(() => []);
  const stores = await readdir(join(folder, 'stores')).catch(() => []);
  const files = [
    'bundle.pem',
    'ca.pem',
    join('public', 'tls.crt'),
    ...partners.map((entry) => fileOf('partner', entry)),
    ...stores.map((entry) => fileOf('stores', entry)),
    ...services.map((service) => join('workloads', service, 'tls.crt')),
  ];
  const lines: string[] = [];
  for (const file of files) {
    const pem = await readFile(join(folder, file), 'utf8').catch(() => '');
    for (const der of parseCertificatesPem(pem) ?? []) lines.push(`${file}  ${summarise(der)}`);
  }
  return lines;
}

/** An authority's file, or that of the one a directory is for. */
function fileOf(part: string, entry: string): string {
  return join(part, ...(entry.endsWith('.pem') ? [entry] : [entry, 'tls.crt']));
}

function summarise(der: Buffer): string {
  const { subject, subjectAltName = '', validTo } = new X509Certificate(der);
  const until = new Date(validTo).toISOString();
  return `${[subject, subjectAltName].filter((name) => name !== '').join(', ')}  until ${until}`;
}

function isArgumentError(error: unknown): error is Error {
  return isNativeError(error) && 'code' in error && String(error.code).startsWith('ERR_PARSE');
}

if (require.main === module) {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stop.abort();
    });
  }
  const surroundings = { out: console.log, err: console.error, signal: stop.signal };
  void runCli(process.argv.slice(2), surroundings).then((code) => {
    process.exitCode = code;
  });
}
