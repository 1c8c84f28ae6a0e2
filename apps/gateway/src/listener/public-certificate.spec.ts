import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigurationError } from '@sallyport/configuration';
import { FakeCa } from '@sallyport/testing';
import {
  readPublicCertificate,
  watchPublicCertificate,
  type PublicCertificate,
} from './public-certificate';

let ca: FakeCa;
let directory: string;
beforeAll(async () => {
  ca = await FakeCa.create();
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'public-certificate-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function issue(): Promise<PublicCertificate> {
  const { certificateChainPem, privateKeyPem } = await ca.issueSvid('gateway');
  return { cert: certificateChainPem, key: privateKeyPem };
}

function write(file: string, content: string): void {
  const path = join(directory, file);
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

describe('the files are refused', () => {
  it.each<[string, (valid: PublicCertificate, other: PublicCertificate) => void, string]>([
    ['when they are missing', () => undefined, 'ENOENT: no such file or directory'],
    [
      'when the certificate is none',
      ({ key }) => {
        write('tls.crt', 'x');
        write('tls.key', key);
      },
      '',
    ],
    [
      'when the key is none',
      ({ cert }) => {
        write('tls.crt', cert);
        write('tls.key', 'x');
      },
      '',
    ],
    [
      'when they do not belong together',
      ({ cert }, { key }) => {
        write('tls.crt', cert);
        write('tls.key', key);
      },
      'the key is not the one of the certificate',
    ],
  ])('%s', async (_name, arrange, detail) => {
    arrange(await issue(), await issue());
    const read = () => readPublicCertificate(directory);
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(
      `PUBLIC_TLS_DIR: expected a certificate in tls.crt and its private key in tls.key, got ${detail}`,
    );
  });
});

it('follows the files, and keeps the certificate in use while they do not fit', async () => {
  const [first, second] = [await issue(), await issue()];
  write('tls.crt', first.cert);
  write('tls.key', first.key);
  const replaced: PublicCertificate[] = [];
  const unusable: unknown[] = [];
  const stop = watchPublicCertificate({
    directory,
    onReplaced: (certificate) => replaced.push(certificate),
    onUnusable: (error) => unusable.push(error),
    intervalMs: 20,
  });
  try {
    await pause(100);
    write('tls.crt', second.cert);
    await until(() => unusable.length > 0);
    expect(replaced).toEqual([]);
    write('tls.key', second.key);
    await until(() => replaced.length > 0);
    expect(replaced).toEqual([second]);
  } finally {
    stop();
  }
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(10);
}
