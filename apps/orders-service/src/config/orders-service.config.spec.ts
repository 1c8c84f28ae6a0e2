import { readOrdersServiceConfig } from './orders-service.config';

const valid = {
  SVID_DIR: __dirname,
  GRPC_LISTEN: '127.0.0.1:50052',
  OPS_LISTEN: '127.0.0.1:9103',
  DATABASE_URL: 'postgres://orders:secret@127.0.0.1:5432/orders',
  BILLING_GRPC_ADDRESS: 'billing:50053',
  AUTH_HTTPS_URL: 'https://auth:8451',
};

/** What was thrown. */
function refusalOf(action: () => unknown): unknown {
  try {
    return { accepted: action() };
  } catch (error) {
    return error;
  }
}

describe('readOrdersServiceConfig', () => {
  test.each([
    ['SVID_DIR', undefined],
    ['GRPC_LISTEN', '50052'],
    ['OPS_LISTEN', undefined],
    ['DATABASE_URL', 'postgres://orders:secret@db.example/orders'],
    ['BILLING_GRPC_ADDRESS', undefined],
    ['AUTH_HTTPS_URL', 'http://auth:8451'],
    ['RECONCILE_INTERVAL_SECONDS', '0'],
    ['RECONCILE_AFTER_SECONDS', 'soon'],
    ['MIGRATIONS', 'later'],
    ['TRUST_DOMAIN', 'Not A Domain'],
    ['LOG_LEVEL', 'loud'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318'],
  ])('refuses %s=%s, naming it and no secret', (variable, value) => {
    const refusal = refusalOf(() => readOrdersServiceConfig({ ...valid, [variable]: value }));

    expect(refusal).toMatchObject({ code: 'configuration_invalid', variable });
    expect(String(refusal)).not.toContain('secret');
  });

  test('fills in what has a default', () => {
    expect(readOrdersServiceConfig(valid)).toEqual({
      ...valid,
      GRPC_LISTEN: { host: '127.0.0.1', port: 50052 },
      OPS_LISTEN: { host: '127.0.0.1', port: 9103 },
      TRUST_DOMAIN: 'sallyport.internal',
      WORKLOAD_NAMESPACE: 'sallyport',
      MIGRATIONS: 'apply',
      LOG_LEVEL: 'info',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: 0.1,
      OTEL_BSP_SCHEDULE_DELAY: 5_000,
      OTEL_BSP_MAX_QUEUE_SIZE: 2_048,
      RECONCILE_INTERVAL_SECONDS: 5,
      RECONCILE_AFTER_SECONDS: 15,
    });
  });
});
