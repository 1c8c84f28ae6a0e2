import { parseHead } from '@sallyport/audit';
import type { ChainHead } from '@sallyport/audit';
import { SERVICE_NAMES } from '../cluster/listeners';
import type { ServiceName } from '../cluster/listeners';

export type ExpectedHeads = ReadonlyMap<ServiceName, ChainHead>;

export const USAGE = 'usage: npm run audit:verify [-- --expect SERVICE:SEQ:HASH …]';

/** The command was not written as its usage says. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Parses the arguments: heads that were seen before, at most one for each service. @throws UsageError */
export function parseExpectedHeads(words: readonly string[]): ExpectedHeads {
  const heads = new Map<ServiceName, ChainHead>();
  for (let index = 0; index < words.length; index += 2) {
    const [option, value = ''] = words.slice(index, index + 2);
    const colon = value.indexOf(':');
    const service = SERVICE_NAMES.find((name) => name === value.slice(0, colon));
    const head = parseHead(value.slice(colon + 1));
    const isOne = option === '--expect' && service !== undefined && head !== undefined;
    if (!isOne || heads.has(service)) throw new UsageError(USAGE);
    heads.set(service, head);
  }
  return heads;
}
