import { z } from 'zod';
import type { Environment } from './own-variable';
import { readConfiguration } from './read-configuration';
import { SAMPLERS, traceFields } from './trace-fields';

const read = (environment: Environment) => readConfiguration(z.object(traceFields), environment);

describe('traceFields', () => {
  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://user:word@collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://collector:4318/?key=word'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://127.0.0.1.example:4318/v1/traces'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_CERTIFICATE', '/nowhere/ca.pem'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_SAMPLER_ARG', '-0.1'],
    ['OTEL_TRACES_SAMPLER_ARG', 'half'],
    ['OTEL_SDK_DISABLED', 'yes'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'no pairs'],
    ['TRACE_COLLECTOR_WORKLOAD', 'Not a workload'],
    ['TRACE_COLLECTOR_WORKLOAD', 'a/b/c'],
    ['TRACE_COLLECTOR_WORKLOAD', '/otel-collector'],
  ])('refuses %s=%s, naming it', (variable, value) => {
    expect(() => read({ [variable]: value })).toThrow(variable);
  });

  it('does not show the headers it refuses', () => {
    expect(() => read({ OTEL_EXPORTER_OTLP_HEADERS: 'Bearer s3cret' })).toThrow(/<hidden>/);
  });

  it('traces nowhere, and a tenth, unless told otherwise', () => {
    expect(read({})).toEqual({
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: 0.1,
      OTEL_BSP_SCHEDULE_DELAY: 5_000,
      OTEL_BSP_MAX_QUEUE_SIZE: 2_048,
    });
  });

  it.each(SAMPLERS)('takes the sampler %s', (name) => {
    expect(read({ OTEL_TRACES_SAMPLER: name }).OTEL_TRACES_SAMPLER).toBe(name);
  });

  it.each([
    ['0', 0],
    ['1', 1],
    ['1.0', 1],
    ['0.25', 0.25],
    ['.5', 0.5],
  ])('takes %s for a share', (text, share) => {
    expect(read({ OTEL_TRACES_SAMPLER_ARG: text }).OTEL_TRACES_SAMPLER_ARG).toBe(share);
  });

  it.each([
    ['https://collector:4318/', 'https://collector:4318'],
    ['http://127.0.0.1:4318', 'http://127.0.0.1:4318'],
    ['http://localhost:4318', 'http://localhost:4318'],
  ])('takes a collector at %s', (text, url) => {
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: text }).OTEL_EXPORTER_OTLP_ENDPOINT).toBe(url);
  });

  it.each(['otel-collector', 'monitoring/otel-collector'])('takes the workload %s', (name) => {
    expect(read({ TRACE_COLLECTOR_WORKLOAD: name }).TRACE_COLLECTOR_WORKLOAD).toBe(name);
  });

  it('reads pairs', () => {
    const { OTEL_EXPORTER_OTLP_HEADERS: headers, OTEL_RESOURCE_ATTRIBUTES: attributes } = read({
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x-scope=one',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
    });
    expect(headers).toEqual({ authorization: 'Bearer abc', 'x-scope': 'one' });
    expect(attributes).toEqual({ 'deployment.environment.name': 'staging' });
  });
});
