import { tmpdir } from 'node:os';
import { ConfigurationError } from '@sallyport/configuration';
import { readGatewayConfig } from './gateway.config';

const environment = {
  SVID_DIR: tmpdir(),
  PUBLIC_LISTEN: '127.0.0.1:8443',
  PUBLIC_TLS_DIR: tmpdir(),
  PUBLIC_URL: 'https://localhost:8443',
  AUTH_GRPC_ADDRESS: '127.0.0.1:50051',
  AUTH_HTTPS_URL: 'https://127.0.0.1:8451',
  ORDERS_GRPC_ADDRESS: '127.0.0.1:50052',
  BILLING_GRPC_ADDRESS: '127.0.0.1:50053',
  REDIS_URL: 'redis://:secret@127.0.0.1:6379',
  OPS_LISTEN: '127.0.0.1:9101',
};

it.each<[string, string | undefined]>([
  ['SVID_DIR', '/nowhere'],
  ['PUBLIC_LISTEN', '8443'],
  ['PUBLIC_TLS_DIR', undefined],
  ['PUBLIC_URL', 'https://localhost:8443/'],
  ['AUTH_GRPC_ADDRESS', undefined],
  ['AUTH_HTTPS_URL', 'http://127.0.0.1:8451'],
  ['ORDERS_GRPC_ADDRESS', 'orders'],
  ['BILLING_GRPC_ADDRESS', undefined],
  ['REDIS_URL', undefined],
  ['REDIS_URL', 'redis://:secret@redis.example:6379'],
  ['REVOCATION_BOUND_MS', '999'],
  ['REVOCATION_BOUND_MS', '30001'],
  ['OPS_LISTEN', undefined],
  ['LOG_LEVEL', 'loud'],
])('refuses %s=%s by name', (variable, value) => {
  const read = () => readGatewayConfig({ ...environment, [variable]: value });
  expect(read).toThrow(ConfigurationError);
  expect(read).toThrow(`${variable}: `);
});

it('reads what is enough, and fills in the rest', () => {
  expect(readGatewayConfig(environment)).toMatchObject({
    PUBLIC_LISTEN: { host: '127.0.0.1', port: 8443 },
    PUBLIC_URL: 'https://localhost:8443',
    ACCESS_TOKEN_AUDIENCE: 'https://api.sallyport.internal',
    TRUST_DOMAIN: 'sallyport.internal',
    REVOCATION_BOUND_MS: 2000,
    LOG_LEVEL: 'info',
  });
});
