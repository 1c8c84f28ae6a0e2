import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readServiceSettings } from './service-settings';

describe('readServiceSettings', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-settings-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const read = (text: string): unknown => {
    const file = join(folder, 'settings.json');
    writeFileSync(file, text);
    return readServiceSettings(file);
  };

  it.each([
    ['no JSON', 'RATE_LIMIT_SCALE=2'],
    ['a service that there is none of', '{"gatevay": {}}'],
    ['a number', '{"gateway": {"RATE_LIMIT_SCALE": 2}}'],
  ])('refuses %s in one line that names the variable and the file', (_what, text) => {
    expect(() => read(text)).toThrow(/^SALLYPORT_SETTINGS: .*settings\.json: expected [^\n]+$/);
  });

  it('takes variables of some services', () => {
    const settings = { gateway: { RATE_LIMIT_SCALE: '2' } };
    expect(read(JSON.stringify(settings))).toEqual(settings);
  });
});
