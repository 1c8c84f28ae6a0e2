import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const certs =
  process.env.SALLYPORT_CERTS ?? fileURLToPath(new URL('../certs/dev/', import.meta.url));

/** The certificate for `localhost` that the development CA has made. */
export const tls = {
  cert: readFileSync(join(certs, 'public/tls.crt')),
  key: readFileSync(join(certs, 'public/tls.key')),
};
