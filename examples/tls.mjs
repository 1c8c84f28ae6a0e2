import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const certs = fileURLToPath(new URL('../certs/dev/', import.meta.url));

/** The certificate for `localhost` that the development CA has made. */
export const tls = {
  cert: readFileSync(`${certs}public/tls.crt`),
  key: readFileSync(`${certs}public/tls.key`),
};
