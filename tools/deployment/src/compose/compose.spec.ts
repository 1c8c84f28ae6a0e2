import { callGraph, type CallEdge } from '../call-graph';
import {
  networksOf,
  readComposeFile,
  roleOf,
  type ComposeFile,
  type ComposeService,
} from './compose-file';
import { hardeningProblems } from './hardening';
import { networkProblems, portProblems, volumeProblems } from './isolation';

const file = readComposeFile();
const NAMES = Object.keys(file.services);

let edges: readonly CallEdge[];
beforeAll(async () => {
  edges = await callGraph();
});

/** The compose file with a part of one service replaced. */
function withService(
  name: string,
  change: (service: ComposeService) => ComposeService,
): ComposeFile {
  const service = file.services[name];
  if (!service) throw new TypeError(`there is no service ${name}`);
  return { ...file, services: { ...file.services, [name]: change(service) } };
}

/** The same of every replica of a service. */
function withReplicas(
  role: string,
  change: (service: ComposeService) => ComposeService,
): ComposeFile {
  const services = Object.entries(file.services).map(
    ([name, service]) => [name, roleOf(name) === role ? change(service) : service] as const,
  );
  return { ...file, services: Object.fromEntries(services) };
}

describe('docker-compose.yml', () => {
  it('has what the cluster is made of', () => {
    expect(NAMES).toEqual(
      expect.arrayContaining([
        'certificates',
        'secrets',
        'postgres',
        'redis',
        'auth-service',
        'billing-service',
        'orders-service',
        'gateway',
      ]),
    );
  });

  it('hardens every container', () => {
    expect(hardeningProblems(file)).toEqual([]);
  });

  it('lets those meet on a network that the handlers declare, and each service its stores', () => {
    expect(networkProblems(file, edges)).toEqual([]);
  });

  it('publishes the gateway alone, on this machine', () => {
    expect(portProblems(file)).toEqual([]);
  });

  it('shows each service its own certificate and secrets, to read', () => {
    expect(volumeProblems(file)).toEqual([]);
  });
});

describe('a container is complained about that', () => {
  it.each<[complaint: string, change: Partial<ComposeService>]>([
    ['writes to its root file system', { read_only: false }],
    ['keeps capabilities', { cap_drop: [] }],
    ['keeps capabilities', { cap_add: ['NET_ADMIN'] }],
    ['may gain privileges', { security_opt: [] }],
    ['may gain privileges', { privileged: true }],
    ['is root, or whoever its image says', { user: '0:0' }],
    ['is root, or whoever its image says', { user: '65532:0' }],
    ['is root, or whoever its image says', { user: '' }],
    ['shares a namespace or a device of the machine', { network_mode: 'host' }],
    ['shares a namespace or a device of the machine', { pid: 'host' }],
    ['shares a namespace or a device of the machine', { devices: ['/dev/mem'] }],
    ['has no limits', { deploy: { resources: { limits: { cpus: '1', memory: '1G' } } } }],
    ['has no limits', { deploy: {} }],
    ['is not restarted', { restart: 'no' }],
    ['has no health check', { healthcheck: { disable: true } }],
    ['has a health check that takes a shell', { healthcheck: { test: ['CMD-SHELL', 'true'] } }],
    ['is of an image that is not pinned', { image: 'sallyport/gateway:latest' }],
    ['has a secret in its environment', { environment: { SMTP_PASSWORD: 'x' } }],
    ['has a secret in its environment', { environment: { TARGET: 'redis://a:b@redis' } }],
    [
      'writes to files of the machine, or sees others than the repository’s own',
      { volumes: ['./docker/redis/redis.conf:/etc/redis.conf'] },
    ],
    [
      'writes to files of the machine, or sees others than the repository’s own',
      { volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro'] },
    ],
  ])('%s: %j', (complaint, change) => {
    const problems = hardeningProblems(
      withService('gateway', (service) => ({ ...service, ...change })),
    );
    expect(problems).toEqual([`gateway: ${complaint}`]);
  });

  it.each(['docker.io/library/redis:8', 'redis:latest', 'docker.io/library/redis@sha256:1234'])(
    'is of the image %s, made elsewhere',
    (image) => {
      const problems = hardeningProblems(
        withService('redis', (service) => ({ ...service, image })),
      );
      expect(problems).toEqual(['redis: is of an image that is not pinned']);
    },
  );
});

describe('a network is complained about on which', () => {
  const joining = (name: string, network: string): ComposeFile =>
    withService(name, (service) => ({ ...service, networks: [...networksOf(service), network] }));

  it.each([
    [
      'billing-service',
      'orders-service-auth-service',
      'auth-service and billing-service share a network',
    ],
    ['orders-service', 'gateway-redis', 'orders-service and redis share a network'],
    ['redis', 'gateway-postgres', 'postgres and redis share a network'],
    ['postgres', 'public', 'postgres is on public, which is not internal'],
  ])('%s is on %s', (name, network, complaint) => {
    const problems = networkProblems(joining(name, network), edges);
    expect(problems).toContain(complaint);
  });

  it('one is missing that has to be there', () => {
    const changed = withReplicas('orders-service', (service) => ({
      ...service,
      networks: networksOf(service).filter(
        (network) => network !== 'orders-service-billing-service',
      ),
    }));
    expect(networkProblems(changed, edges)).toEqual([
      'billing-service and orders-service share no network',
    ]);
  });

  it('there is a way out', () => {
    const networks = { ...file.networks, 'gateway-postgres': null };
    expect(networkProblems({ ...file, networks }, edges)).toEqual([
      'postgres is on gateway-postgres, which is not internal',
      'gateway is on gateway-postgres, which is not internal',
      'gateway-2 is on gateway-postgres, which is not internal',
    ]);
  });
});

describe('a port is complained about that', () => {
  it('something else than the gateway publishes', () => {
    const changed = withService('postgres', (service) => ({
      ...service,
      ports: ['127.0.0.1:5432:5432'],
    }));
    expect(portProblems(changed)).toEqual(['postgres publishes a port']);
  });

  it.each(['8443:8443', '0.0.0.0:8443:8443', '${PUBLISH_ADDRESS:-0.0.0.0}:8443:8443'])(
    'everybody reaches: %s',
    (port) => {
      const changed = withService('gateway', (service) => ({ ...service, ports: [port] }));
      expect(portProblems(changed)).toEqual([`gateway publishes ${port} to everybody`]);
    },
  );
});

describe('a volume is complained about that', () => {
  it.each([
    [
      'shows a service the certificate of another',
      'gateway',
      'svid-orders-service:/x:ro',
      'gateway sees svid-orders-service',
    ],
    [
      'shows a service the keys of the authorities',
      'gateway',
      'certificate-authority:/x:ro',
      'gateway sees certificate-authority',
    ],
    [
      'shows a store the secrets of a service',
      'postgres',
      'secrets-auth-service:/x:ro',
      'postgres sees secrets-auth-service',
    ],
    [
      'lets a service write its certificate',
      'gateway',
      'svid-gateway:/x',
      'gateway may write to svid-gateway',
    ],
    [
      'shows the public key pair to another',
      'auth-service',
      'public-certificate:/x:ro',
      'auth-service sees public-certificate',
    ],
  ])('%s', (_name, service, volume, complaint) => {
    const changed = withService(service, (present) => ({
      ...present,
      volumes: [...(present.volumes ?? []), volume],
    }));
    expect(volumeProblems(changed)).toEqual([complaint]);
  });
});
