import { SAMPLE_SPA_ORIGIN } from '../cluster/clients';
import type { ClusterOptions } from '../cluster/cluster';
import type { Home } from '../cluster/home';

/** Mail and text messages, where a container can write. It is gone with the container. */
export const OUTBOX = '/run/sallyport/outbox';

const SEEDS = '/run/sallyport/seeds';

/** What docker-compose.yml is overlaid with: those settings, the seeds of `npm start`, and kept mail. */
export function composeOverride(
  settings: NonNullable<ClusterOptions['serviceSettings']>,
  home: Home,
): unknown {
  const ofAuth = {
    // In production nobody is seeded and no mail kept: the service refuses to start.
    NODE_ENV: 'development',
    SEED_ACCOUNTS_FILE: `${SEEDS}/accounts.json`,
    SEED_PARTNERS_FILE: `${SEEDS}/partners.json`,
    SEED_CLIENTS_FILE: `${SEEDS}/clients.json`,
    MAIL_OUTBOX_DIR: OUTBOX,
    SMS_OUTBOX_DIR: OUTBOX,
  };
  const environments = Object.entries(settings).map(
    ([service, environment]) => [service, { environment }] as const,
  );
  return {
    services: {
      ...Object.fromEntries(environments),
      gateway: {
        environment: { ...settings.gateway, CORS_CLIENT_ORIGINS: SAMPLE_SPA_ORIGIN },
      },
      'auth-service': {
        environment: { ...settings['auth-service'], ...ofAuth },
        volumes: [
          `${home.seedAccountsFile}:${SEEDS}/accounts.json:ro`,
          `${home.seedPartnersFile}:${SEEDS}/partners.json:ro`,
          `${home.seedClientsFile}:${SEEDS}/clients.json:ro`,
        ],
        tmpfs: [`${OUTBOX}:uid=65532,gid=65532,mode=0700,size=64m`],
      },
    },
  };
}
