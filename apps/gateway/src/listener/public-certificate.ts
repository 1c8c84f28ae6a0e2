import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '@sallyport/configuration';

/** The certificate chain and private key of the public listener, PEM. */
export interface PublicCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateWatchOptions {
  readonly directory: string;
  /** Called with each certificate that replaces the one before. */
  readonly onReplaced: (certificate: PublicCertificate) => void;
  /** Called when changed files cannot be used; the certificate in use stays. */
  readonly onUnusable: (error: unknown) => void;
  readonly intervalMs?: number;
}

const CERTIFICATE_FILE = 'tls.crt';
const KEY_FILE = 'tls.key';

/**
 * Reads `tls.crt` and `tls.key` and checks that they belong together. Does not check dates or names: clients do.
 *
 * @throws ConfigurationError naming PUBLIC_TLS_DIR.
 */
export function readPublicCertificate(directory: string): PublicCertificate {
  try {
    const cert = readFileSync(join(directory, CERTIFICATE_FILE), 'utf8');
    const key = readFileSync(join(directory, KEY_FILE), 'utf8');
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
      throw new TypeError('the key is not the one of the certificate');
    }
    return { cert, key };
  } catch (cause) {
    throw Object.assign(
      new ConfigurationError(
        'PUBLIC_TLS_DIR',
        `expected a certificate in tls.crt and its private key in tls.key, got ${describe(cause)}`,
      ),
      { cause },
    );
  }
}

/**
 * Follows the files by their status, which also sees through the symbolic links of a mounted secret. A certificate that
 * does not fit its key is a change half made: the next look completes it.
 *
 * @returns a function that stops following.
 */
export function watchPublicCertificate({
  directory,
  onReplaced,
  onUnusable,
  intervalMs = 2_000,
}: CertificateWatchOptions): () => void {
  let current: PublicCertificate | undefined;
  const reload = () => {
    try {
      const certificate = readPublicCertificate(directory);
      // Both files change at a renewal; the second notice has nothing new.
      if (certificate.cert === current?.cert && certificate.key === current.key) return;
      current = certificate;
      onReplaced(certificate);
    } catch (error) {
      onUnusable(error);
    }
  };
  const paths = [join(directory, CERTIFICATE_FILE), join(directory, KEY_FILE)];
  for (const path of paths) watchFile(path, { interval: intervalMs, persistent: false }, reload);
  return () => {
    for (const path of paths) unwatchFile(path, reload);
  };
}

function describe(cause: unknown): string {
  return (cause as Partial<Error>).message ?? String(cause);
}
