/**
 * A steady number of authenticated reads a second, from a process of its own, spread over gateways and tokens in turn.
 * The pace does not wait for answers, so a gateway that is slow for a moment is asked all the same; reads that are due
 * while too many are under way are made up for.
 *
 * Configured by the JSON of SALLYPORT_BENCH_SETTINGS, {@link PacedReadsSettings}; takes {@link Instruction} as messages
 * and answers each `report` with a {@link TrafficReport} of what happened since the one before.
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { Traffic } from './traffic';

export interface PacedReadsSettings {
  /** Loopback only. */
  readonly origins: readonly string[];
  readonly caFile: string;
  readonly path: string;
  readonly accessTokens: readonly string[];
  /** To all gateways together. */
  readonly perSecond: number;
  /** To each gateway. */
  readonly connections: number;
  /** Each read as from another address, by the word of a proxy; from this machine's unless given. */
  readonly fromManyAddresses?: boolean;
}

export type Instruction =
  | { readonly do: 'report' }
  /** From now on these tokens are presented, and no others. */
  | { readonly do: 'present'; readonly accessTokens: readonly string[] };

const TICK_MS = 5;
const MOST_UNDER_WAY = 256;
const LONGEST_RUN_MS = 10 * 60_000;

const settings = JSON.parse(process.env['SALLYPORT_BENCH_SETTINGS'] ?? '{}') as PacedReadsSettings;
const { origins, caFile, path, perSecond, connections, fromManyAddresses = false } = settings;
if (origins.some((origin) => !['127.0.0.1', 'localhost'].includes(new URL(origin).hostname))) {
  throw new Error('the load goes to loopback addresses only');
}

const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) }, connections });
const traffic = new Traffic();
const startedAt = performance.now();
let { accessTokens } = settings;
let sent = 0;
let underWay = 0;

const read = async (origin: string, accessToken: string): Promise<void> => {
  const headers = {
    authorization: `Bearer ${accessToken}`,
    ...(fromManyAddresses && { 'x-forwarded-for': randomAddress() }),
  };
  const { statusCode, body } = await request(new URL(path, origin), { dispatcher, headers });
  await body.dump();
  if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
};

const randomAddress = (): string => `10.${[1, 2, 3].map(() => randomInt(256)).join('.')}`;

const sendWhatIsDue = (): void => {
  const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
  while (sent < due && underWay < MOST_UNDER_WAY) {
    const origin = origins[sent % origins.length] ?? '';
    const accessToken = accessTokens[Math.floor(sent / origins.length) % accessTokens.length] ?? '';
    sent += 1;
    underWay += 1;
    void traffic
      .count(() => read(origin, accessToken))
      .finally(() => {
        underWay -= 1;
      });
  }
};

process.on('message', (instruction: Instruction) => {
  switch (instruction.do) {
    case 'present':
      accessTokens = instruction.accessTokens;
      break;
    case 'report':
      process.send?.(traffic.takeReport());
      break;
  }
});
process.once('disconnect', () => process.exit(0));
setInterval(sendWhatIsDue, TICK_MS);
setTimeout(() => process.exit(1), LONGEST_RUN_MS);
process.stdout.write('reading\n');
