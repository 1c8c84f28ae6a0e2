#!/usr/bin/env node
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';
import { parseCertificatesPem, SpiffeIdInvalid } from '@sallyport/workload-identity';
import { DevCa } from './dev-ca';
import { DevCaError } from './dev-ca.error';

const USAGE = `Usage: node certs/dist/cli.js <command> [--dir certs/dev]
  init [service ...]   create the authorities and the public certificate, if need be, and a
                       certificate for each service that has no sound one
  issue <service ...>  issue a new certificate for each service
  issue-partner <name> <dns name>
                       issue a new client certificate for a partner, into partner/<name>
  revoke-partner [serial ...]
                       write the revocation list of partner certificates anew, with these serial
                       numbers beside those in it
  show                 list what the folder holds and until when it is valid`;

type Print = (line: string) => void;

/** @returns the exit code */
export async function runCli(args: readonly string[], out: Print, err: Print): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { dir: { type: 'string', default: join('certs', 'dev') } },
      allowPositionals: true,
    });
    const [command, ...operands] = positionals;
    const lines = await execute(command, operands, values.dir);
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

async function execute(
  command: string | undefined,
  operands: readonly string[],
  folder: string,
): Promise<readonly string[]> {
  switch (command) {
    case 'init': {
      const ca = await DevCa.open(folder);
      const issued = await ca.ensureAll({ services: operands });
      return [`${folder} is ready`, ...issued.map((service) => `issued ${service}`)];
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
  const files = [
    'bundle.pem',
    'ca.pem',
    join('public', 'tls.crt'),
    ...partners.map((partner) =>
      join('partner', ...(partner.endsWith('.pem') ? [partner] : [partner, 'tls.crt'])),
    ),
    ...services.map((service) => join('workloads', service, 'tls.crt')),
  ];
  const lines: string[] = [];
  for (const file of files) {
    const pem = await readFile(join(folder, file), 'utf8').catch(() => '');
    for (const der of parseCertificatesPem(pem) ?? []) lines.push(`${file}  ${summarise(der)}`);
  }
  return lines;
}

function summarise(der: Buffer): string {
  const { subject, subjectAltName = '', validTo } = new X509Certificate(der);
  const until = new Date(validTo).toISOString();
  return `${[subject, subjectAltName].filter((name) => name !== '').join(', ')}  until ${until}`;
}

class UsageError extends Error {}

function isArgumentError(error: unknown): error is Error {
  return isNativeError(error) && 'code' in error && String(error.code).startsWith('ERR_PARSE');
}

if (require.main === module) {
  void runCli(process.argv.slice(2), console.log, console.error).then((code) => {
    process.exitCode = code;
  });
}
