#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';
import { SpiffeIdInvalid } from '@sallyport/workload-identity';
import { describeFolder } from './cli/describe-folder';
import { parseHolders, parseIssuing, type HolderValues } from './cli/holders';
import { keep, requireKept } from './cli/keep';
import { describeTrust, replaceRoot, takeStep, type StepOptions } from './cli/trust-steps';
import { OPTIONS, USAGE, UsageError } from './cli/usage';
import { DevCa } from './dev-ca';
import { DevCaError } from './dev-ca.error';

/** Longer than the interval between two looks of any keep. */
const FOLLOW_MS = 30_000;

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

interface Values extends HolderValues {
  readonly dir: string;
  readonly 'within-seconds': string;
  readonly 'settle-seconds': string;
}

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
      const at = await requireKept(
        folder,
        parseSeconds('within-seconds', values['within-seconds']) * 1000,
      );
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
    case 'roots': {
      const { trust } = await DevCa.openExisting(folder);
      return describeTrust(await trust.authorities(), await trust.behind());
    }
    case 'prepare-root':
    case 'activate-root':
    case 'retire-root':
    case 'rotate-intermediate': {
      await takeStep(await DevCa.openExisting(folder), command, stepOptions(values, surroundings));
      return [];
    }
    case 'replace-root': {
      await replaceRoot(await DevCa.openExisting(folder), stepOptions(values, surroundings));
      return [];
    }
    case 'deny':
    case 'allow': {
      const [service, ...more] = operands;
      if (service === undefined || more.length > 0) throw new UsageError('name one service');
      const { trust } = await DevCa.openExisting(folder);
      await trust[command](service);
      return describeTrust(await trust.authorities(), await trust.behind());
    }
    case 'show':
      await DevCa.openExisting(folder);
      return describeFolder(folder);
    case undefined:
      throw new UsageError('name a command');
    default:
      throw new UsageError(`there is no command ${command}`);
  }
}

function stepOptions(values: Values, { out }: Surroundings): StepOptions {
  const settleMs = parseSeconds('settle-seconds', values['settle-seconds']) * 1000;
  return { out, followMs: FOLLOW_MS, settleMs };
}

/** @throws {UsageError} */
function parseSeconds(option: string, text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} takes a number of seconds, not ${text}`);
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
