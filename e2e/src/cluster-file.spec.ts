import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readClusterFile } from './cluster-file';

const LEAST = { gatewayUrl: 'https://localhost:8443' };

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-cluster-file-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function read(content: unknown) {
  const file = join(folder, 'cluster.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readClusterFile(file);
}

it.each([
  ['no JSON', '{', /cluster\.json: .*JSON/],
  ['no public URL', {}, /\n {2}gatewayUrl: /],
  ['a public URL in clear', { gatewayUrl: 'http://localhost' }, /gatewayUrl: expected an https/],
  ['a word that means nothing', { ...LEAST, gatewayUrk: '' }, /the whole: .*"gatewayUrk"/],
  ['an address without a port', { ...LEAST, plainAddress: 'gateway' }, /plainAddress: .*host:port/],
  [
    'logs of one service alone',
    { ...LEAST, logs: { gateway: { file: 'gateway.log' } } },
    /logs\.auth-service: /,
  ],
  ['a command of no words', { ...LEAST, outbox: { command: [] } }, /outbox/],
  [
    'a database of another kind',
    { ...LEAST, databases: { gateway: 'mysql://localhost/gateway' } },
    /databases\.gateway: expected a postgres/,
  ],
])('refuses a file with %s, and says where', (_what, content, message) => {
  expect(() => read(content)).toThrow(message);
});

it('refuses a file that is not there', () => {
  expect(() => readClusterFile(join(folder, 'missing.json'))).toThrow(/missing\.json: .*ENOENT/);
});

it('takes the public URL alone', () => {
  expect(read({ gatewayUrl: 'https://shop.example:8443/' })).toEqual({
    gatewayUrl: 'https://shop.example:8443',
    clientAddress: '127.0.0.1',
    sharesLoopback: false,
    folder,
  });
});

it('reads paths from the folder of the file, and leaves the words of commands alone', () => {
  const service = { file: 'logs/service.log' };
  const described = read({
    ...LEAST,
    caFile: 'ca.pem',
    certificates: { folder: '/elsewhere' },
    logs: {
      ...{ gateway: { command: ['docker', 'compose', 'logs', 'gateway'] } },
      ...{ 'auth-service': service, 'orders-service': service, 'billing-service': service },
    },
  });
  expect(described).toMatchObject({
    caFile: join(folder, 'ca.pem'),
    certificates: { folder: '/elsewhere', isLive: false },
    logs: {
      gateway: { command: ['docker', 'compose', 'logs', 'gateway'] },
      'auth-service': { file: join(folder, 'logs/service.log') },
    },
  });
});
