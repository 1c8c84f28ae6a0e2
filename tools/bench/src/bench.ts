/**
 * `npm run bench [-- <name>]`: bounded load on this machine's own loopback addresses, against stores and services that
 * are started for it and stopped after it.
 */
import { benchApiKey } from './api-key/api-key-bench';
import { benchCertificates } from './certificates/certificates-bench';
import { benchGateway } from './gateway/gateway-bench';
import { benchLimiter } from './limits/limiter-bench';
import { benchNoisyNeighbour } from './limits/noisy-neighbour-bench';
import { benchReplica } from './replica/replica-bench';
import { benchRevocation } from './revocation/revocation-bench';
import { benchRotation } from './rotation/rotation-bench';
import { benchSpans } from './traces/spans-bench';

const BENCHES: ReadonlyMap<string, () => Promise<void>> = new Map([
  ['gateway', benchGateway],
  ['api-key', benchApiKey],
  ['revocation', benchRevocation],
  ['replica', benchReplica],
  ['rotation', benchRotation],
  ['certificates', benchCertificates],
  ['spans', benchSpans],
  ['limiter', benchLimiter],
  ['noisy-neighbour', benchNoisyNeighbour],
]);

const main = async ([name = 'gateway', ...more]: readonly string[]): Promise<void> => {
  const bench = BENCHES.get(name);
  if (bench === undefined || more.length > 0) {
    throw new Error(`usage: npm run bench [-- ${[...BENCHES.keys()].join('|')}]`);
  }
  await bench();
};

// A signal would end the process without its exit handlers, which end what it started.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
