import { z } from 'zod';
import { ConfigurationError } from './configuration-error';
import { fields } from './fields';
import { readConfiguration } from './read-configuration';

const schema = z.object({
  GRPC_LISTEN: fields.listenAddress(),
  LOG_LEVEL: fields.logLevel().default('info'),
  SVID_DIR: fields.directory(),
});

function refusal(read: () => unknown): ConfigurationError {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
  }
  throw new Error('was accepted');
}

describe('readConfiguration', () => {
  it('refuses with the first bad variable in the order of the schema', () => {
    const error = refusal(() =>
      readConfiguration(schema, { SVID_DIR: '/none', LOG_LEVEL: 'loud', GRPC_LISTEN: '[::1]:1' }),
    );
    expect(error).toMatchObject({ code: 'configuration_invalid', variable: 'LOG_LEVEL' });
  });

  it('keeps foreign messages on one line', () => {
    const foreign = z.object({ A: z.string().refine(() => false, 'two\nlines') });
    expect(refusal(() => readConfiguration(foreign, { A: 'x' })).message).toBe('A: two lines');
  });

  it('names the environment when a rule across variables fails', () => {
    const crossed = z
      .object({ A: z.string().optional() })
      .refine((value) => value.A !== undefined, 'one of A and B must be set');
    expect(refusal(() => readConfiguration(crossed, {})).message).toBe(
      'environment: one of A and B must be set',
    );
  });

  it('does not take a variable from the prototype of the environment', () => {
    const inherited = Object.create({ GRPC_LISTEN: '[::1]:1' }) as Record<string, string>;
    expect(refusal(() => readConfiguration(schema, inherited)).variable).toBe('GRPC_LISTEN');
  });

  it('reads the variables of the schema and no other', () => {
    const environment = { GRPC_LISTEN: '127.0.0.1:0', SVID_DIR: '/', OTHER: 'ignored' };
    expect(readConfiguration(schema, environment)).toEqual({
      GRPC_LISTEN: { host: '127.0.0.1', port: 0 },
      LOG_LEVEL: 'info',
      SVID_DIR: '/',
    });
  });
});
