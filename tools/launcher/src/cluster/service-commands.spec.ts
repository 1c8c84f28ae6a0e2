import { join } from 'node:path';
import type { Home } from './home';
import { byService } from './listeners';
import { standardPorts } from './ports';
import { serviceCommands } from './service-commands';
import type { Surroundings } from './service-commands';

const HOME: Home = {
  root: '/home',
  certificates: '/home/certs',
  postgres: '/home/postgres',
  sharedState: '/home/redis',
  logs: '/home/logs',
  secretsFile: '/home/secrets.json',
  keyEncryptionKeyFile: '/home/key-encryption-key',
  seedAccountsFile: '/home/seed-accounts.json',
  seedPartnersFile: '/home/seed-partners.json',
  seedClientsFile: '/home/seed-clients.json',
  mail: '/home/mail',
  operatorFile: '/home/operator.json',
  clusterFile: '/home/cluster.json',
  auditFile: '/home/audit.json',
  lockFile: '/home/launcher.lock',
};

const SURROUNDINGS: Surroundings = {
  home: HOME,
  ports: standardPorts(),
  certsFolder: '/certs',
  databaseUrls: {
    sallyport_auth: 'postgres://auth',
    sallyport_orders: 'postgres://orders',
    sallyport_billing: 'postgres://billing',
    sallyport_gateway: 'postgres://gateway',
  },
  redisUrl: 'redis://shared',
  logLevel: 'info',
  inherited: { PATH: '/bin' },
  overrides: { 'orders-service': { LOG_LEVEL: 'debug' } },
};

const commands = serviceCommands(SURROUNDINGS);

describe('serviceCommands', () => {
  it('tell each service what it needs and nothing of the others', () => {
    expect(byService((name) => commands[name].environment)).toMatchSnapshot();
  });

  it('give no service the database of another', () => {
    const urls = Object.values(commands).map(({ environment }) => environment['DATABASE_URL']);

    expect(new Set(urls).size).toBe(4);
  });

  it('leave the last word to who adjusts them', () => {
    const adjusted = serviceCommands({
      ...SURROUNDINGS,
      adjust: (name, { REDIS_URL, ...others }) => ({ ...others, VIA: `${name} ${REDIS_URL}` }),
    });

    expect(adjusted.gateway.environment['VIA']).toBe('gateway redis://shared');
    expect(adjusted.gateway.environment).not.toHaveProperty('REDIS_URL');
    expect(adjusted.gateway.environment).toMatchObject({ PATH: '/bin', LOG_LEVEL: 'info' });
  });

  it('run what the build made, each with a log of its own', () => {
    expect(commands.gateway.module).toMatch(join('apps', 'gateway', 'dist', 'main.js'));
    expect(commands.gateway.logFile).toBe(join('/home', 'logs', 'gateway.log'));
  });
});
