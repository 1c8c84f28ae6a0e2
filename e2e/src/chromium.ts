import { createHash, X509Certificate } from 'node:crypto';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { knownFacts, sharedCluster } from './cluster-facts';
import { rememberSecret, rememberSecretsOf } from './secrets-in-use';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const NO_CHROMIUM = `skipped: none of ${NAMES.join(', ')} is on the search path, and CHROME_PATH names none`;

/** How long a page may take to show what is waited for. */
export const PATIENCE_MS = 8_000;

/** What a browser takes for the origins of the sample apps, which are served on ports that are free. */
export const SPA_ORIGIN = 'https://localhost:8447';
export const WEB_APP_ORIGIN = 'https://localhost:8448';

/** A suite in a real browser; reported as skipped, with the reason, where there is none. */
export function describeInChromium(name: string, suite: (path: string) => void): void {
  const path = chromiumPath();
  if (path === undefined) describe.skip(`${name} (${NO_CHROMIUM})`, () => suite(''));
  else describe(name, () => suite(path));
}

/**
 * Starts a browser that trusts the certificates of this cluster and of no other: by their public keys, since its own
 * store is not to be touched.
 */
export function launchChromium(executablePath: string, samplePort: number): Promise<Browser> {
  const certificates = readFileSync(join(sharedCluster().certsFolder, 'public/tls.crt'), 'utf8');
  const isRoot = process.getuid?.() === 0;
  const hosts = [new URL(SPA_ORIGIN).host, new URL(WEB_APP_ORIGIN).host, '*.example'];
  const rules = [
    ...hosts.map((host) => `MAP ${host} 127.0.0.1:${samplePort}`),
    ...Object.entries(knownFacts().reachedAt).map(
      ([origin, address]) => `MAP ${new URL(origin).host} ${address}`,
    ),
  ];
  return chromium.launch({
    executablePath,
    chromiumSandbox: !isRoot,
    args: [
      `--ignore-certificate-errors-spki-list=${spkiHashes(certificates).join(',')}`,
      `--host-resolver-rules=${rules.join(', ')}`,
    ],
  });
}

/** Keeps what a page complains of; a violated policy is among it. */
export function complaintsOf(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy/i.test(message.text()))
      complaints.push(`${message.page()?.url() ?? ''}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(error.error().message));
  return complaints;
}

/** Remembers the credentials that a browser got: none of them may be in a log. */
export async function rememberSecretsIn(context: BrowserContext): Promise<void> {
  for (const { name, value } of await context.cookies()) {
    if (/^__(?:Secure|Host)-sallyport/.test(name)) rememberSecret(value);
  }
}

/** The tokens that a page is answered with; to be called before it asks. */
export function rememberTokensOf(page: Page): void {
  page.on('response', (response) => {
    if (!response.url().endsWith('/oauth2/token')) return;
    // A page that has gone on takes its answers along.
    void response.json().then(rememberSecretsOf, () => undefined);
  });
}

function chromiumPath(): string | undefined {
  const { CHROME_PATH: named, PATH = '' } = process.env;
  const candidates = PATH.split(delimiter).flatMap((folder) =>
    NAMES.map((name) => join(folder, name)),
  );
  return [...(named === undefined ? [] : [named]), ...candidates].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function spkiHashes(pem: string): readonly string[] {
  return pem
    .split(/(?<=-----END CERTIFICATE-----)\s*/)
    .filter((each) => each.includes('BEGIN'))
    .map((each) => {
      const spki = new X509Certificate(each).publicKey.export({ type: 'spki', format: 'der' });
      return createHash('sha256').update(spki).digest('base64');
    });
}
