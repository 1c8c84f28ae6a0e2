import type { ListenAddress } from '@sallyport/configuration';
import type { Logger, SecurityEvents } from '@sallyport/observability';
import type { VerifiesAccessTokens } from '@sallyport/tokens';
import { revokedByAuthService, type ExposureClients } from './exposed-credentials';
import { ExposureQueue } from './exposure-queue';
import { PlainListener } from './plain-listener';

interface Surroundings extends ExposureClients {
  readonly listen: ListenAddress;
  readonly accessTokens: VerifiesAccessTokens;
  readonly events: SecurityEvents;
  readonly logger: Logger;
}

/** Starts the listener for plain HTTP together with what ends the credentials that come by there. */
export async function startPlainListener({
  listen,
  auth,
  apiKeys,
  accessTokens,
  events,
  logger,
}: Surroundings): Promise<Pick<PlainListener, 'port' | 'close'>> {
  const exposures = new ExposureQueue({
    exposed: revokedByAuthService({ auth, apiKeys }),
    accessTokens,
    logger,
  });
  const listener = await PlainListener.start({ listen, events, exposures });
  return {
    port: listener.port,
    async close() {
      exposures.close();
      await listener.close();
    },
  };
}
