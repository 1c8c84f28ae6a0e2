import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

describe('a variable given as a file', () => {
  const secret = z.object({
    DATABASE_URL: fields.databaseUrl(),
    KEY_FILE: fields.file().optional(),
    KEY: fields.text().optional(),
  });
  const URL_TEXT = 'postgres://role:secret-word@127.0.0.1/db';
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'configuration-'));
    file = join(folder, 'database-url');
    writeFileSync(file, `${URL_TEXT}\n`);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is refused beside the variable itself', () => {
    const error = refusal(() =>
      readConfiguration(secret, { DATABASE_URL: URL_TEXT, DATABASE_URL_FILE: file }),
    );
    expect(error.message).toBe('DATABASE_URL_FILE: expected only where DATABASE_URL is not set');
  });

  it.each([
    ['that is not there', () => join(folder, 'none')],
    ['that is a folder', () => folder],
    [
      'that is longer than any setting',
      () => {
        writeFileSync(file, 'x'.repeat(64 * 1024 + 1));
        return file;
      },
    ],
  ])('is refused when it names a file %s', (_, name) => {
    const error = refusal(() => readConfiguration(secret, { DATABASE_URL_FILE: name() }));
    expect(error.message).toMatch(/^DATABASE_URL_FILE: expected a readable file of text, got "/);
  });

  it('counts as not set when the file is empty', () => {
    writeFileSync(file, '\n');
    const error = refusal(() => readConfiguration(secret, { DATABASE_URL_FILE: file }));
    expect(error.message).toMatch(/^DATABASE_URL: .*not set$/);
  });

  it('does not show what is in it when the field refuses', () => {
    writeFileSync(file, 'mysql://role:secret-word@127.0.0.1/db');
    const error = refusal(() => readConfiguration(secret, { DATABASE_URL_FILE: file }));
    expect(error.message).toMatch(/^DATABASE_URL: expected/);
    expect(error.message).not.toContain('secret-word');
  });

  it('is read without the line end', () => {
    expect(readConfiguration(secret, { DATABASE_URL_FILE: file })).toEqual({
      DATABASE_URL: URL_TEXT,
    });
  });

  it('is no value of another where the schema has a variable of that name', () => {
    expect(readConfiguration(secret, { DATABASE_URL: URL_TEXT, KEY_FILE: file })).toEqual({
      DATABASE_URL: URL_TEXT,
      KEY_FILE: file,
    });
  });
});
