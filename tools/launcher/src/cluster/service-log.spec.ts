import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLog, rotateLog } from './service-log';

describe('a service log', () => {
  let folder: string;
  let logFile: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-log-'));
    logFile = join(folder, 'gateway.log');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is read without what is no JSON object', () => {
    writeFileSync(logFile, '{"a":1}\nwords\n[2]\n{"b":\n\n{"c":3}\n{"half');

    expect(readLog(logFile)).toEqual([{ a: 1 }, { c: 3 }]);
  });

  it('is set aside for the next run, over the one before', async () => {
    await rotateLog(logFile);
    writeFileSync(logFile, 'first');
    await rotateLog(logFile);
    writeFileSync(logFile, 'second');
    await rotateLog(logFile);

    expect(readdirSync(folder)).toEqual(['gateway.log.previous']);
  });
});
