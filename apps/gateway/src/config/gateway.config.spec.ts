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
  DATABASE_URL: 'postgres://gateway:secret@127.0.0.1:5432/gateway',
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
  ['DATABASE_URL', undefined],
  ['DATABASE_URL', 'postgres://gateway:secret@db.example/gateway'],
  ['REDIS_URL', undefined],
  ['REDIS_URL', 'redis://:secret@redis.example:6379'],
  ['REVOCATION_BOUND_MS', '999'],
  ['REVOCATION_BOUND_MS', '30001'],
  ['PLAIN_LISTEN', '80'],
  ['CORS_ORIGINS', '*'],
  ['CORS_ORIGINS', 'null'],
  ['CORS_ORIGINS', 'https://*.app.example'],
  ['CORS_ORIGINS', 'app.example'],
  ['CORS_ORIGINS', 'http://app.example'],
  ['CORS_ORIGINS', 'https://app.example/'],
  ['CORS_ORIGINS', 'https://app.example/a'],
  ['CORS_ORIGINS', 'https://app.example:443'],
  ['CORS_ORIGINS', 'https://App.example'],
  ['CORS_ORIGINS', 'https://user@app.example'],
  ['CORS_ORIGINS', 'https://app.example,'],
  ['CORS_ORIGINS', 'https://app.example,*'],
  ['CORS_ORIGINS', 'ftp://localhost'],
  ['TRUSTED_PROXIES', '0.0.0.0/0'],
  ['TRUSTED_PROXIES', '0.0.0.0/1,128.0.0.0/1'],
  ['TRUSTED_PROXIES', '10.0.0.1/8'],
  ['TRUSTED_PROXIES', 'proxy.internal'],
  ['TRUSTED_PROXIES', '10.0.0.0/8,'],
  ['FORWARDING_HEADER', 'x-real-ip'],
  ['MAX_CONNECTIONS', '0'],
  ['MAX_CONNECTIONS_PER_ADDRESS', 'many'],
  ['MAX_REQUESTS_IN_FLIGHT', '0'],
  ['MAX_REQUESTS_IN_FLIGHT_PER_ADDRESS', '0'],
  ['DRAIN_DELAY_SECONDS', '16'],
  ['RATE_LIMIT_SCALE', '0'],
  ['RATE_LIMIT_SCALE', '0.05'],
  ['RATE_LIMIT_SCALE', '1001'],
  ['RATE_LIMIT_SCALE', '1e3'],
  ['RATE_LIMIT_SCALE', '-1'],
  ['RATE_LIMIT_SCALE', 'off'],
  ['RATE_LIMIT_GATEWAYS', '0'],
  ['RATE_LIMIT_GATEWAYS', '1.5'],
  ['RATE_LIMIT_TIMEOUT_MS', '9'],
  ['RATE_LIMIT_TIMEOUT_MS', '2001'],
  ['OPS_LISTEN', undefined],
  ['LOG_LEVEL', 'loud'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318'],
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
    MIGRATIONS: 'apply',
    TRUST_DOMAIN: 'sallyport.internal',
    REVOCATION_BOUND_MS: 2000,
    LOG_LEVEL: 'info',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: 0.1,
    OTEL_BSP_SCHEDULE_DELAY: 5_000,
    OTEL_BSP_MAX_QUEUE_SIZE: 2_048,
    PLAIN_LISTEN: undefined,
    CORS_ORIGINS: new Set(),
    TRUSTED_PROXIES: [],
    FORWARDING_HEADER: 'x-forwarded-for',
    MAX_CONNECTIONS: 10_000,
    MAX_CONNECTIONS_PER_ADDRESS: 250,
    MAX_REQUESTS_IN_FLIGHT: 1_000,
    MAX_REQUESTS_IN_FLIGHT_PER_ADDRESS: 100,
    DRAIN_DELAY_SECONDS: 0,
    RATE_LIMIT_SCALE: 1,
    RATE_LIMIT_GATEWAYS: 1,
    RATE_LIMIT_TIMEOUT_MS: 100,
  });
});

it('reads proxies and the header they write', () => {
  const proxies = { TRUSTED_PROXIES: '10.0.0.0/8, fd00::/8', FORWARDING_HEADER: 'Forwarded' };
  expect(readGatewayConfig({ ...environment, ...proxies })).toMatchObject({
    TRUSTED_PROXIES: ['10.0.0.0/8', 'fd00::/8'],
    FORWARDING_HEADER: 'forwarded',
  });
});

it('reads several origins, those of this machine in clear as well', () => {
  const CORS_ORIGINS = 'https://app.example, https://b.example:8443,http://localhost:5173';
  expect(readGatewayConfig({ ...environment, CORS_ORIGINS }).CORS_ORIGINS).toEqual(
    new Set(['https://app.example', 'https://b.example:8443', 'http://localhost:5173']),
  );
});
